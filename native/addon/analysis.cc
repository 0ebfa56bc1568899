// A file's shard.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "addon/border.h"
#include "addon/counted.h"
#include "addon/values.h"
#include "flow/shard.h"
#include "source/filter.h"

namespace deadair::addon {
namespace {

// Ceilings of the notes, where somebody wants others than the chosen ones.
bool ReadCeilings(const Napi::Value& value, NoteCeilings* out) {
  if (value.IsUndefined() || value.IsNull()) return true;
  if (!value.IsObject()) return false;
  const Napi::Object from = value.As<Napi::Object>();
  return ReadNumber(from, "places", &out->places) &&
         ReadNumber(from, "survivors", &out->survivors) &&
         ReadNumber(from, "undecided", &out->undecided) &&
         ReadNumber(from, "strips", &out->strips) &&
         ReadNumber(from, "resetSeconds", &out->reset_seconds) &&
         ReadNumber(from, "greetings", &out->greetings);
}

// Threads beside the caller's; none where it is missing.
bool ReadHelpers(const Napi::Value& value, uint32_t* out) {
  constexpr double kMost = 16;  // chosen: more than anybody could mean
  if (value.IsUndefined()) return true;
  const double count = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  *out = static_cast<uint32_t>(std::clamp(count, 0.0, kMost));
  return count == *out;
}

bool ReadOptions(const Napi::Value& value, ShardOptions* out) {
  if (!value.IsObject()) return false;
  const Napi::Object from = value.As<Napi::Object>();
  const Napi::Value shortest = from.Get("shortestNs");
  if (!shortest.IsBigInt()) return false;
  bool lossless = false;
  out->apart = from.Get("apart").ToBoolean();
  out->tracker.shortest_ns = shortest.As<Napi::BigInt>().Uint64Value(&lossless);
  return lossless && out->tracker.shortest_ns > 0 && ReadStrings(from.Get("paths"), &out->paths) &&
         ReadFilter(from, &out->filter) && ReadNumber(from, "shard", &out->tracker.shard) &&
         ReadNumber(from, "shards", &out->tracker.shards) &&
         ReadHelpers(from.Get("helpers"), &out->helpers) &&
         ReadNumber(from, "maxFlows", &out->tracker.max_flows) && out->tracker.shards >= 1 &&
         out->tracker.shards <= kPartitions && out->tracker.shard < out->tracker.shards &&
         ReadCeilings(from.Get("noteCeilings"), &out->tracker.notes);
}

class Analysis : public Napi::ObjectWrap<Analysis> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Analysis",
        {InstanceMethod<&Analysis::Run>("run"),
         InstanceMethod<&Analysis::TakeSilences>("takeSilences"),
         InstanceMethod<&Analysis::TakeBirths>("takeBirths"),
         InstanceMethod<&Analysis::Progress>("progress"),
         InstanceMethod<&Analysis::Finish>("finish"), InstanceMethod<&Analysis::Close>("close")});
  }

  explicit Analysis(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Analysis>(info) {
    const Napi::Env env = info.Env();
    ShardOptions options;
    if (info.Length() != 1 || !ReadOptions(info[0], &options)) {
      Throw(env, "E_BAD_ARGUMENT",
            "openAnalysis({paths, shard, shards, shortestNs, maxFlows, filter, helpers})");
      return;
    }
    if (!options.filter.empty()) {
      if (!HasLibpcap(env)) return;
      if (const auto complaint = FilterComplaint(options.filter)) {
        Throw(env, "E_CAPTURE_FILTER", *complaint);
        return;
      }
    }
    Problem problem;
    std::string culprit;
    shard_ = Shard::Open(options, &problem, &culprit);
    if (shard_ == nullptr) {
      ThrowProblem(env, problem, culprit);
    } else if (!shard_->ok()) {
      shard_.reset();
      Throw(env, "E_INTERNAL", "no address range for the table of connections");
    }
  }

 private:
  Napi::Value Run(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsNumber()) {
      return Throw(info.Env(), "E_BAD_ARGUMENT", "run(milliseconds) takes one number");
    }
    if (shard_ == nullptr || finished_) return Over(info.Env());
    const uint32_t milliseconds = std::min(info[0].As<Napi::Number>().Uint32Value(), 100u);
    return Napi::String::New(info.Env(), shard_->Run(milliseconds) ? "end" : "more");
  }

  Napi::Value Over(Napi::Env env) {
    return Throw(env, "E_BAD_ARGUMENT",
                 finished_ ? "the analysis is finished" : "the analysis is closed");
  }

  // Until then they are written, by other threads too.
  Napi::Value NotFinished(Napi::Env env) {
    if (shard_ == nullptr) return Over(env);
    return Throw(env, "E_BAD_ARGUMENT", "records are there after finish()");
  }

  Napi::Value TakeSilences(const Napi::CallbackInfo& info) {
    return finished_ ? TakenSilences(info.Env(), Trackers()) : NotFinished(info.Env());
  }

  Napi::Value TakeBirths(const Napi::CallbackInfo& info) {
    return finished_ ? TakenBirths(info.Env(), Trackers()) : NotFinished(info.Env());
  }

  std::vector<Tracker*> Trackers() {
    std::vector<Tracker*> all;
    for (Shard* part : shard_->parts()) all.push_back(&part->tracker());
    return all;
  }

  Napi::Value Progress(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Over(info.Env());
    const Shard::Progress done = shard_->progress();
    return Counts(info.Env(), {{"bytesRead", done.bytes_read},
                               {"bytesTotal", done.bytes_total},
                               {"packets", done.frames},
                               {"records", done.records}});
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (shard_ == nullptr || finished_) return Over(env);
    shard_->Finish();
    finished_ = true;
    Napi::Array all = Napi::Array::New(env);
    for (Shard* part : shard_->parts()) all.Set(all.Length(), Finished(env, *part));
    return all;
  }

  static Napi::Object Finished(Napi::Env env, Shard& part) {
    const Timeline& timeline = part.timeline();
    Napi::Array sources = Napi::Array::New(env);
    for (size_t i = 0; i < timeline.sources(); i++)
      sources.Set(i, SourceObject(env, timeline.facts(i), part.intake(), i));
    std::vector<BlindSpot> blind;
    for (size_t i = 0; i < timeline.capture_points().size(); i++) {
      const auto& spots = part.tracker().clock(static_cast<uint16_t>(i)).blind_spots();
      blind.insert(blind.end(), spots.begin(), spots.end());
    }
    return FinishedObject(env, sources, timeline.capture_points(), blind, part.tracker());
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    shard_.reset();
    finished_ = false;
    return info.Env().Undefined();
  }

  std::unique_ptr<Shard> shard_;
  bool finished_ = false;
};

}  // namespace

Napi::Function DefineAnalysis(Napi::Env env) { return Analysis::Define(env); }

}  // namespace deadair::addon
