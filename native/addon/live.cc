// Interfaces of this machine, watched by one worker.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "addon/border.h"
#include "addon/counted.h"
#include "addon/evidence.h"
#include "addon/values.h"
#include "flow/live_shard.h"

namespace deadair::addon {
namespace {

bool ReadLive(const Napi::Value& value, LiveOptions* out) {
  if (!value.IsObject()) return false;
  const Napi::Object from = value.As<Napi::Object>();
  const Napi::Value shortest = from.Get("shortestNs");
  if (!shortest.IsBigInt() || !from.Get("fanoutGroup").IsNumber()) return false;
  bool lossless = false;
  out->tracker.shortest_ns = shortest.As<Napi::BigInt>().Uint64Value(&lossless);
  out->fanout_group = from.Get("fanoutGroup").As<Napi::Number>().Int32Value();
  if (!from.Get("firstFrame").IsNumber()) return false;
  out->first_frame = static_cast<uint64_t>(from.Get("firstFrame").As<Napi::Number>().Int64Value());
  out->tracker.shared = out->fanout_group >= 0;
  ReadStrings(from.Get("places"), &out->places);
  return lossless && out->tracker.shortest_ns > 0 &&
         ReadNumber(from, "frameStride", &out->frame_stride) &&
         ReadStrings(from.Get("interfaces"), &out->interfaces) && ReadFilter(from, &out->filter) &&
         ReadNumber(from, "bufferBytes", &out->buffer_bytes) &&
         ReadNumber(from, "ringBytes", &out->ring_bytes) &&
         ReadNumber(from, "maxFlows", &out->tracker.max_flows);
}

class Live : public Napi::ObjectWrap<Live> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Live",
        {InstanceMethod<&Live::Run>("run"), InstanceMethod<&Live::TakeSilences>("takeSilences"),
         InstanceMethod<&Live::TakeBirths>("takeBirths"),
         InstanceMethod<&Live::Previews>("previews"), InstanceMethod<&Live::Status>("status"),
         InstanceMethod<&Live::Snapshot>("snapshot"), InstanceMethod<&Live::Finish>("finish"),
         InstanceMethod<&Live::Evidence>("evidence"), InstanceMethod<&Live::StepClock>("stepClock"),
         InstanceMethod<&Live::Wanted>("wanted"), InstanceMethod<&Live::Seek>("seek"),
         InstanceMethod<&Live::Hear>("hear"), InstanceMethod<&Live::Close>("close")});
  }

  explicit Live(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Live>(info) {
    const Napi::Env env = info.Env();
    LiveOptions options;
    if (info.Length() != 1 || !ReadLive(info[0], &options)) {
      Throw(env, "E_BAD_ARGUMENT",
            "openLive({interfaces, filter, shortestNs, maxFlows, bufferBytes, ringBytes, "
            "fanoutGroup, firstFrame, frameStride, places})");
      return;
    }
    if (!HasLibpcap(env)) return;
    Problem problem;
    std::string culprit;
    shard_ = LiveShard::Open(options, &problem, &culprit);
    if (shard_ == nullptr) {
      ThrowProblem(env, problem, culprit);
    } else if (!shard_->tracker().ok() || (shard_->ring() != nullptr && !shard_->ring()->ok())) {
      shard_.reset();
      Throw(env, "E_INTERNAL", "no address range for the table of connections");
    }
  }

 private:
  Napi::Value Closed(Napi::Env env) {
    return Throw(env, "E_BAD_ARGUMENT", "the capture is closed");
  }

  Napi::Value Run(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsNumber())
      return Throw(info.Env(), "E_BAD_ARGUMENT", "run(milliseconds) takes one number");
    if (shard_ == nullptr) return Closed(info.Env());
    Tracker& tracker = shard_->tracker();
    const uint64_t news = tracker.news();
    shard_->Run(std::min(info[0].As<Napi::Number>().Uint32Value(), 100u));
    return Count(info.Env(), (tracker.silences().empty() ? 0 : 1) +
                                 (tracker.news() != news ? 2 : 0) +
                                 (tracker.births().empty() ? 0 : 4));
  }

  Napi::Value TakeSilences(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    shard_->tracker().MakeShelfRoom();
    return TakenSilences(info.Env(), {&shard_->tracker()});
  }

  Napi::Value TakeBirths(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    return TakenBirths(info.Env(), {&shard_->tracker()});
  }

  Napi::Value Previews(const Napi::CallbackInfo& info) {
    constexpr size_t kMost = 8192;  // chosen: 2.6 MB
    if (shard_ == nullptr) return Closed(info.Env());
    std::vector<Silence> known;
    shard_->tracker().Previews(shard_->now(), kMost, &known);
    return Bytes(info.Env(), known);
  }

  Napi::Array Sources(Napi::Env env) {
    Napi::Array sources = Napi::Array::New(env);
    for (size_t i = 0; i < shard_->sources(); i++) {
      Napi::Object source = SourceObject(env, shard_->device(i).facts(), shard_->intake(), i);
      source.Set("up", shard_->device(i).up());
      sources.Set(i, source);
    }
    return sources;
  }

  Napi::Value Status(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (shard_ == nullptr) return Closed(env);
    Napi::Object out = Napi::Object::New(env);
    out.Set("sources", Sources(env));
    out.Set("counters", CounterObject(env, shard_->tracker()));
    const bool counts = info.Length() == 1 && info[0].ToBoolean();
    out.Set("openSilences", Count(env, counts ? shard_->tracker().OpenSilences() : 0));
    out.Set("tunnels", shard_->intake().tunnels());
    Napi::Array blind = Napi::Array::New(env);
    for (size_t i = 0; i < shard_->points().size(); i++)
      blind.Set(i, Napi::BigInt::New(env, shard_->BlindNs(i)));
    out.Set("blindNs", blind);
    return out;
  }

  Napi::Value Snapshot(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    return FinishedObject(info.Env(), Sources(info.Env()), shard_->points(), shard_->BlindSpots(),
                          shard_->tracker());
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    shard_->Finish();
    return Snapshot(info);
  }

  Napi::Value Evidence(const Napi::CallbackInfo& info) {
    constexpr size_t kMostBytes = 4u << 20;  // chosen: of one call
    const Napi::Env env = info.Env();
    if (shard_ == nullptr) return Closed(env);
    std::vector<CarverTuple> tuples;
    if (info.Length() != 1 || !ReadTuples(info[0], &tuples))
      return Throw(env, "E_BAD_ARGUMENT", "evidence(tuples)");
    if (shard_->ring() == nullptr) return Napi::Array::New(env);
    return FrameObjects(env, shard_->ring()->Find(tuples, kMostBytes));
  }

  Napi::Value StepClock(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (shard_ == nullptr) return Closed(env);
    if (info.Length() != 1 || !info[0].IsBigInt())
      return Throw(env, "E_BAD_ARGUMENT", "stepClock(nanoseconds) takes a bigint");
    bool lossless = false;
    shard_->clock().Step(info[0].As<Napi::BigInt>().Int64Value(&lossless));
    return env.Undefined();
  }

  Napi::Value Wanted(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    return Bytes(info.Env(), shard_->tracker().Wanted());
  }

  Napi::Value Seek(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    std::vector<Caller> wanted;
    if (info.Length() != 1 || !ReadRecords(info[0], &wanted))
      return Throw(info.Env(), "E_BAD_ARGUMENT", "seek(wanted) takes what wanted() gave");
    return Bytes(info.Env(), shard_->tracker().Seek(wanted));
  }

  Napi::Value Hear(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    std::vector<Caller> callers;
    if (info.Length() != 1 || !ReadRecords(info[0], &callers))
      return Throw(info.Env(), "E_BAD_ARGUMENT", "hear(callers) takes what seek() gave");
    shard_->tracker().Hear(callers);
    return info.Env().Undefined();
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    shard_.reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<LiveShard> shard_;
};

}  // namespace

Napi::Function DefineLive(Napi::Env env) { return Live::Define(env); }

}  // namespace deadair::addon
