// The border: parse, call, translate. The only file that knows napi.h.
#include <napi.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "decode/decode.h"
#include "flow/carver.h"
#include "flow/gather.h"
#include "flow/live_shard.h"
#include "flow/shard.h"
#include "host/conntrack.h"
#include "host/keepalive.h"
#include "host/privileges.h"
#include "host/rings.h"
#include "source/filter.h"

namespace {

using deadair::Carver;
using deadair::Problem;
using deadair::Shard;

Napi::Value Throw(Napi::Env env, const std::string& code, const std::string& what) {
  Napi::Error error = Napi::Error::New(env, what);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ThrowProblem(Napi::Env env, const Problem& problem, const std::string& culprit) {
  return Throw(env, problem.code, culprit.empty() ? problem.what : culprit + ": " + problem.what);
}

Napi::Number Count(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

template <class Record>
Napi::Value Bytes(Napi::Env env, const std::vector<Record>& records) {
  const size_t bytes = records.size() * sizeof(Record);
  Napi::Uint8Array out = Napi::Uint8Array::New(env, bytes);
  if (bytes != 0) std::memcpy(out.Data(), records.data(), bytes);
  return out;
}

// Properties by name and value, in order.
struct Row {
  const char* name;
  uint64_t value;
};

Napi::Object Counts(Napi::Env env, std::initializer_list<Row> rows) {
  Napi::Object out = Napi::Object::New(env);
  for (const Row& row : rows) out.Set(row.name, Count(env, row.value));
  return out;
}

bool ReadStrings(const Napi::Value& value, std::vector<std::string>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsString()) return false;
    out->push_back(item.As<Napi::String>().Utf8Value());
  }
  return !out->empty();
}

bool ReadParts(const Napi::Value& value, std::vector<std::span<const uint8_t>>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsTypedArray()) return false;
    if (item.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) return false;
    const Napi::Uint8Array part = item.As<Napi::Uint8Array>();
    out->emplace_back(part.Data(), part.ByteLength());
  }
  return true;
}

bool ReadNumber(const Napi::Object& from, const char* name, uint32_t* out) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) return false;
  *out = value.As<Napi::Number>().Uint32Value();
  return true;
}

bool ReadFilter(const Napi::Object& from, std::string* out) {
  const Napi::Value value = from.Get("filter");
  if (value.IsNull() || value.IsUndefined()) return true;
  if (!value.IsString()) return false;
  *out = value.As<Napi::String>().Utf8Value();
  return true;
}

// Ceilings of the notes, where somebody wants others than the chosen ones.
bool ReadCeilings(const Napi::Value& value, deadair::NoteCeilings* out) {
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

bool ReadOptions(const Napi::Value& value, deadair::ShardOptions* out) {
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
         ReadNumber(from, "maxFlows", &out->tracker.max_flows) && out->tracker.shards >= 1 &&
         out->tracker.shards <= deadair::kPartitions && out->tracker.shard < out->tracker.shards &&
         ReadCeilings(from.Get("noteCeilings"), &out->tracker.notes);
}

Napi::Value ProblemObject(Napi::Env env, const Problem& problem) {
  if (!problem) return env.Null();
  Napi::Object out = Napi::Object::New(env);
  out.Set("code", problem.code);
  out.Set("what", problem.what);
  out.Set("atByte", Count(env, problem.at_byte));
  out.Set("atFrame", Count(env, problem.at_frame));
  return out;
}

Napi::Object SourceObject(Napi::Env env, const deadair::SourceFacts& facts,
                          const deadair::Intake& intake, size_t index) {
  Napi::Object out = Counts(env, {{"bytesTotal", facts.bytes_total},
                                  {"bytesRead", facts.bytes_read},
                                  {"frames", facts.frames},
                                  {"dropped", facts.dropped},
                                  {"badRecords", facts.bad_records},
                                  {"filtered", intake.filtered()[index]}});
  out.Set("name", facts.name);
  out.Set("format", facts.format);
  out.Set("firstAtNs", Napi::BigInt::New(env, facts.first_at_ns));
  out.Set("lastAtNs", Napi::BigInt::New(env, facts.last_at_ns));
  out.Set("complete", facts.complete);
  out.Set("problem", ProblemObject(env, facts.problem));
  Napi::Object fates = Napi::Object::New(env);
  for (size_t i = 0; i < intake.fates()[index].size(); i++) {
    fates.Set(deadair::kFateNames[i], Count(env, intake.fates()[index][i]));
  }
  out.Set("fates", fates);
  return out;
}

Napi::Object PointObject(Napi::Env env, const deadair::CapturePoint& point,
                         const deadair::CaptureClock& clock) {
  Napi::Object out = Counts(env, {{"source", point.source},
                                  {"linkType", point.link_type},
                                  {"snaplen", point.snaplen},
                                  {"packets", clock.frames()}});
  Napi::Array sources = Napi::Array::New(env, point.sources.size());
  for (uint32_t i = 0; i < point.sources.size(); i++) sources.Set(i, Count(env, point.sources[i]));
  out.Set("sources", sources);
  out.Set("name", point.name);
  out.Set("firstAtNs", Napi::BigInt::New(env, clock.first_at()));
  out.Set("lastAtNs", Napi::BigInt::New(env, clock.last_at()));
  return out;
}

Napi::Object CounterObject(Napi::Env env, const deadair::Tracker& tracker) {
  const deadair::TrackerCounters c = tracker.counters();
  Napi::Object out = Counts(env, {{"mirrored", c.mirrored},
                                  {"notesOverflow", c.notes_overflow},
                                  {"tableBytes", tracker.table_bytes()}});
  out.Set("flows", Counts(env, {{"seen", c.flows_seen},
                                {"established", c.flows_established},
                                {"midStream", c.flows_mid_stream}}));
  out.Set("evicted", Counts(env, {{"halfOpen", c.evicted[0]},
                                  {"oneSided", c.evicted[1]},
                                  {"closed", c.evicted[2]},
                                  {"open", c.evicted[3]}}));
  out.Set("resets", Counts(env, {{"refused", c.resets.refused},
                                 {"afterFin", c.resets.after_fin},
                                 {"abort", c.resets.abort},
                                 {"unknownConnection", c.resets.unknown_connection},
                                 {"outOfWindow", c.resets.out_of_window},
                                 {"duplicate", c.resets.duplicate},
                                 {"noSilence", c.resets.no_silence},
                                 {"inRecords", c.resets.in_records},
                                 {"notExamined", c.resets.not_examined}}));
  out.Set("silences", Counts(env, {{"survived", c.silences.survived},
                                   {"closed", c.silences.closed},
                                   {"open", c.silences.open},
                                   {"unobserved", c.silences.unobserved},
                                   {"killedInRecords", c.silences.killed_in_records},
                                   {"closedInRecords", c.silences.closed_in_records},
                                   {"openInRecords", c.silences.open_in_records},
                                   {"notExamined", c.silences.not_examined}}));
  return out;
}

Napi::Object ThinnedObject(Napi::Env env, const deadair::Notes& notes) {
  Napi::Object out = Napi::Object::New(env);
  for (const auto& [table, level, most] : notes.thinned())
    out.Set(table, Counts(env, {{"level", level}, {"most", most}}));
  return out;
}

// What an analysis counted. `sources` are made already.
Napi::Object FinishedObject(Napi::Env env, const Napi::Array& sources,
                            const std::vector<deadair::CapturePoint>& places,
                            const std::vector<deadair::BlindSpot>& blind,
                            deadair::Tracker& tracker) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("sources", sources);
  Napi::Array points = Napi::Array::New(env);
  for (size_t i = 0; i < places.size(); i++)
    points.Set(i, PointObject(env, places[i], tracker.clock(static_cast<uint16_t>(i))));
  out.Set("capturePoints", points);
  out.Set("counters", CounterObject(env, tracker));
  out.Set("thinned", ThinnedObject(env, tracker.notes()));
  out.Set("places", Bytes(env, tracker.notes().places()));
  out.Set("survivors", Bytes(env, tracker.notes().survivors()));
  out.Set("undecided", Bytes(env, tracker.notes().undecided()));
  out.Set("alive", Bytes(env, tracker.notes().alive()));
  out.Set("resetSeconds", Bytes(env, tracker.notes().resets()));
  out.Set("greetings", Bytes(env, tracker.notes().greetings()));
  out.Set("blindSpots", Bytes(env, blind));
  return out;
}

template <class Record>
Napi::Value Taken(Napi::Env env, std::vector<Record>& records) {
  Napi::Value out = Bytes(env, records);
  records.clear();
  return out;
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
    deadair::ShardOptions options;
    if (info.Length() != 1 || !ReadOptions(info[0], &options)) {
      Throw(env, "E_BAD_ARGUMENT",
            "openAnalysis({paths, shard, shards, shortestNs, maxFlows, filter})");
      return;
    }
    if (const auto complaint =
            options.filter.empty() ? std::nullopt : deadair::FilterComplaint(options.filter)) {
      Throw(env, "E_CAPTURE_FILTER", *complaint);
      return;
    }
    Problem problem;
    std::string culprit;
    shard_ = Shard::Open(options, &problem, &culprit);
    if (shard_ == nullptr) {
      ThrowProblem(env, problem, culprit);
    } else if (!shard_->tracker().ok()) {
      shard_.reset();
      Throw(env, "E_INTERNAL", "no address range for the table of connections");
    }
  }

 private:
  Napi::Value Run(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsNumber()) {
      return Throw(info.Env(), "E_BAD_ARGUMENT", "run(milliseconds) takes one number");
    }
    if (shard_ == nullptr) return Throw(info.Env(), "E_BAD_ARGUMENT", "the analysis is closed");
    const uint32_t milliseconds = std::min(info[0].As<Napi::Number>().Uint32Value(), 100u);
    return Napi::String::New(info.Env(), shard_->Run(milliseconds) ? "end" : "more");
  }

  Napi::Value TakeSilences(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Throw(info.Env(), "E_BAD_ARGUMENT", "the analysis is closed");
    return Taken(info.Env(), shard_->tracker().silences());
  }

  Napi::Value TakeBirths(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Throw(info.Env(), "E_BAD_ARGUMENT", "the analysis is closed");
    return Taken(info.Env(), shard_->tracker().births());
  }

  Napi::Value Progress(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Throw(info.Env(), "E_BAD_ARGUMENT", "the analysis is closed");
    return Counts(info.Env(), {{"bytesRead", shard_->timeline().bytes_read()},
                               {"bytesTotal", shard_->timeline().bytes_total()},
                               {"packets", shard_->frames()},
                               {"records", shard_->records()}});
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (shard_ == nullptr) return Throw(env, "E_BAD_ARGUMENT", "the analysis is closed");
    shard_->Finish();
    const deadair::Timeline& timeline = shard_->timeline();
    Napi::Array sources = Napi::Array::New(env);
    for (size_t i = 0; i < timeline.sources(); i++)
      sources.Set(i, SourceObject(env, timeline.facts(i), shard_->intake(), i));
    std::vector<deadair::BlindSpot> blind;
    for (size_t i = 0; i < timeline.capture_points().size(); i++) {
      const auto& spots = shard_->tracker().clock(static_cast<uint16_t>(i)).blind_spots();
      blind.insert(blind.end(), spots.begin(), spots.end());
    }
    return FinishedObject(env, sources, timeline.capture_points(), blind, shard_->tracker());
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    shard_.reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<Shard> shard_;
};

bool ReadAddress(const Napi::Value& value, uint8_t out[16], uint8_t* version) {
  if (!value.IsString()) return false;
  const std::string text = value.As<Napi::String>().Utf8Value();
  std::memset(out, 0, 16);
  *version = text.find(':') == std::string::npos ? 4 : 6;
  return inet_pton(*version == 4 ? AF_INET : AF_INET6, text.c_str(), out) == 1;
}

bool ReadTuple(const Napi::Value& value, deadair::CarverTuple* out) {
  if (!value.IsObject()) return false;
  const Napi::Object from = value.As<Napi::Object>();
  uint8_t other = 0;
  uint32_t ports[2];
  if (!ReadAddress(from.Get("originatorAddress"), out->address[0], &out->ip_version) ||
      !ReadAddress(from.Get("responderAddress"), out->address[1], &other) ||
      other != out->ip_version || !ReadNumber(from, "originatorPort", &ports[0]) ||
      !ReadNumber(from, "responderPort", &ports[1])) {
    return false;
  }
  out->port[0] = static_cast<uint16_t>(ports[0]);
  out->port[1] = static_cast<uint16_t>(ports[1]);
  return true;
}

bool ReadTuples(const Napi::Value& value, std::vector<deadair::CarverTuple>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) {
    out->emplace_back();
    if (!ReadTuple(list.Get(i), &out->back())) return false;
  }
  return true;
}

Napi::Object FrameObject(Napi::Env env, const deadair::CarvedFrame& frame) {
  Napi::Object out = Counts(env, {{"tuple", frame.tuple},
                                  {"number", frame.number},
                                  {"linkType", frame.link_type},
                                  {"capturePoint", frame.capture_point},
                                  {"wireBytes", frame.wire},
                                  {"ipOffset", frame.ip_offset},
                                  {"payloadBytes", frame.payload}});
  out.Set("atNs", Napi::BigInt::New(env, frame.at_ns));
  out.Set("bytes", Bytes(env, frame.bytes));
  return out;
}

Napi::Array FrameObjects(Napi::Env env, const std::vector<deadair::CarvedFrame>& frames) {
  Napi::Array out = Napi::Array::New(env, frames.size());
  for (size_t i = 0; i < frames.size(); i++)
    out.Set(static_cast<uint32_t>(i), FrameObject(env, frames[i]));
  return out;
}

class CarverWrap : public Napi::ObjectWrap<CarverWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Carver",
        {InstanceMethod<&CarverWrap::Run>("run"), InstanceMethod<&CarverWrap::Close>("close")});
  }

  explicit CarverWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CarverWrap>(info) {
    const Napi::Env env = info.Env();
    std::vector<std::string> paths;
    std::string filter;
    std::vector<deadair::CarverTuple> tuples;
    bool good = info.Length() == 1 && info[0].IsObject();
    if (good) {
      const Napi::Object from = info[0].As<Napi::Object>();
      good = ReadStrings(from.Get("paths"), &paths) && ReadFilter(from, &filter) &&
             ReadTuples(from.Get("tuples"), &tuples);
    }
    if (!good) {
      Throw(env, "E_BAD_ARGUMENT", "openCarver({paths, filter, tuples})");
      return;
    }
    Problem problem;
    std::string culprit;
    carver_ = Carver::Open(paths, filter, tuples, &problem, &culprit);
    if (carver_ == nullptr) ThrowProblem(env, problem, culprit);
  }

 private:
  Napi::Value Run(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 1 || !info[0].IsNumber()) {
      return Throw(env, "E_BAD_ARGUMENT", "run(milliseconds) takes one number");
    }
    if (carver_ == nullptr) return Throw(env, "E_BAD_ARGUMENT", "the carver is closed");
    std::vector<deadair::CarvedFrame> frames;
    const uint32_t milliseconds = std::min(info[0].As<Napi::Number>().Uint32Value(), 100u);
    if (carver_->Run(milliseconds, &frames) && frames.empty()) return env.Null();
    return FrameObjects(env, frames);
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    carver_.reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<Carver> carver_;
};

Napi::Object RowTupleObject(Napi::Env env, const deadair::RowTuple& tuple, uint8_t version) {
  const int family = version == 4 ? AF_INET : AF_INET6;
  char from[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, tuple.source, from, sizeof from);
  inet_ntop(family, tuple.destination, to, sizeof to);
  Napi::Object out =
      Counts(env, {{"sourcePort", tuple.source_port}, {"destinationPort", tuple.destination_port}});
  out.Set("source", from);
  out.Set("destination", to);
  return out;
}

class ConntrackWrap : public Napi::ObjectWrap<ConntrackWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "ConntrackEvents",
                       {InstanceMethod<&ConntrackWrap::Take>("take"),
                        InstanceMethod<&ConntrackWrap::Overruns>("overruns"),
                        InstanceMethod<&ConntrackWrap::Close>("close")});
  }

  explicit ConntrackWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ConntrackWrap>(info) {
    if (info.Length() != 1 || !info[0].IsNumber()) {
      Throw(info.Env(), "E_BAD_ARGUMENT", "openConntrackEvents(bufferBytes) takes one number");
      return;
    }
    int error = 0;
    const uint32_t most = 1u << 30;
    const uint32_t bytes = std::min(info[0].As<Napi::Number>().Uint32Value(), most);
    events_ = deadair::ConntrackEvents::Open(bytes, &error);
    if (events_ == nullptr) Throw(info.Env(), "E_CONNTRACK_DENIED", std::strerror(error));
  }

 private:
  Napi::Value Take(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 1 || !info[0].IsNumber())
      return Throw(env, "E_BAD_ARGUMENT", "take(most) takes one number");
    std::vector<deadair::RowEnd> ends;
    if (events_ != nullptr) events_->Take(info[0].As<Napi::Number>().Uint32Value(), &ends);
    Napi::Array out = Napi::Array::New(env, ends.size());
    for (size_t i = 0; i < ends.size(); i++) {
      const deadair::RowEnd& end = ends[i];
      Napi::Object row = Counts(env, {{"zone", end.zone}});
      row.Set("original", RowTupleObject(env, end.original, end.ip_version));
      row.Set("reply", RowTupleObject(env, end.reply, end.ip_version));
      row.Set("atNs", Napi::BigInt::New(env, end.at_ns));
      row.Set("marked", end.marked);
      row.Set("assured", end.assured);
      row.Set("state", end.state < 0 ? env.Null() : Napi::Number::New(env, end.state));
      out.Set(static_cast<uint32_t>(i), row);
    }
    return out;
  }

  Napi::Value Overruns(const Napi::CallbackInfo& info) {
    return Count(info.Env(), events_ == nullptr ? 0 : events_->overruns());
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    events_.reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<deadair::ConntrackEvents> events_;
};

bool ReadNumbers(const Napi::Value& value, std::vector<uint32_t>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsNumber()) return false;
    out->push_back(item.As<Napi::Number>().Uint32Value());
  }
  return true;
}

Napi::Value DropPrivileges(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  deadair::Identity identity;
  std::vector<uint32_t> keep;
  const bool good = info.Length() == 1 && info[0].IsObject() &&
                    ReadNumber(info[0].As<Napi::Object>(), "user", &identity.user) &&
                    ReadNumber(info[0].As<Napi::Object>(), "group", &identity.group) &&
                    ReadNumbers(info[0].As<Napi::Object>().Get("groups"), &identity.groups) &&
                    ReadNumbers(info[0].As<Napi::Object>().Get("keep"), &keep);
  if (!good) return Throw(env, "E_BAD_ARGUMENT", "dropPrivileges({user, group, groups, keep})");
  const std::string refused = deadair::DropPrivileges(identity, keep);
  if (!refused.empty()) return Throw(env, "E_PRIVILEGES", refused);
  return env.Undefined();
}

Napi::Value RingsOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 1 || !info[0].IsString())
    return Throw(env, "E_BAD_ARGUMENT", "ringsOf(interface) takes one string");
  const deadair::Rings rings = deadair::RingsOf(info[0].As<Napi::String>().Utf8Value());
  Napi::Object counters = Napi::Object::New(env);
  for (const auto& [name, value] : rings.counters) counters.Set(name, Count(env, value));
  Napi::Object out = Napi::Object::New(env);
  out.Set("counters", counters);
  out.Set("sizes", env.Null());
  if (rings.known) {
    out.Set("sizes", Counts(env, {{"receive", rings.receive},
                                  {"receiveMost", rings.receive_most},
                                  {"send", rings.send},
                                  {"sendMost", rings.send_most}}));
  }
  return out;
}

Napi::Value KeepaliveOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bool lossless = false;
  if (info.Length() == 3 && info[2].IsBigInt()) info[2].As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless || !info[0].IsNumber() || !info[1].IsNumber())
    return Throw(env, "E_BAD_ARGUMENT",
                 "keepaliveOf(pid, descriptor, inode) takes 2 numbers, a bigint");
  const auto found = deadair::KeepaliveOf(info[0].As<Napi::Number>().Int32Value(),
                                          info[1].As<Napi::Number>().Int32Value(),
                                          info[2].As<Napi::BigInt>().Uint64Value(&lossless));
  if (!found) return env.Null();
  Napi::Object out = Counts(env, {{"idleSeconds", found->idle_s},
                                  {"intervalSeconds", found->interval_s},
                                  {"probes", found->probes},
                                  {"userTimeoutMs", found->user_timeout_ms}});
  out.Set("on", Napi::Boolean::New(env, found->on));
  return out;
}

Napi::Value EffectiveCapabilities(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), deadair::EffectiveCapabilities());
}

bool ReadLive(const Napi::Value& value, deadair::LiveOptions* out) {
  if (!value.IsObject()) return false;
  const Napi::Object from = value.As<Napi::Object>();
  const Napi::Value shortest = from.Get("shortestNs");
  if (!shortest.IsBigInt() || !from.Get("fanoutGroup").IsNumber()) return false;
  bool lossless = false;
  out->tracker.shortest_ns = shortest.As<Napi::BigInt>().Uint64Value(&lossless);
  out->fanout_group = from.Get("fanoutGroup").As<Napi::Number>().Int32Value();
  if (!from.Get("firstFrame").IsNumber()) return false;
  out->first_frame = static_cast<uint64_t>(from.Get("firstFrame").As<Napi::Number>().Int64Value());
  ReadStrings(from.Get("places"), &out->places);
  return lossless && out->tracker.shortest_ns > 0 &&
         ReadNumber(from, "frameStride", &out->frame_stride) &&
         ReadStrings(from.Get("interfaces"), &out->interfaces) && ReadFilter(from, &out->filter) &&
         ReadNumber(from, "bufferBytes", &out->buffer_bytes) &&
         ReadNumber(from, "ringBytes", &out->ring_bytes) &&
         ReadNumber(from, "maxFlows", &out->tracker.max_flows);
}

// Interfaces of this machine, watched by one worker.
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
         InstanceMethod<&Live::Close>("close")});
  }

  explicit Live(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Live>(info) {
    const Napi::Env env = info.Env();
    deadair::LiveOptions options;
    if (info.Length() != 1 || !ReadLive(info[0], &options)) {
      Throw(env, "E_BAD_ARGUMENT",
            "openLive({interfaces, filter, shortestNs, maxFlows, bufferBytes, ringBytes, "
            "fanoutGroup, firstFrame, frameStride, places})");
      return;
    }
    Problem problem;
    std::string culprit;
    shard_ = deadair::LiveShard::Open(options, &problem, &culprit);
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
    deadair::Tracker& tracker = shard_->tracker();
    const uint64_t news = tracker.news();
    shard_->Run(std::min(info[0].As<Napi::Number>().Uint32Value(), 100u));
    return Count(info.Env(), (tracker.silences().empty() ? 0 : 1) +
                                 (tracker.news() != news ? 2 : 0) +
                                 (tracker.births().empty() ? 0 : 4));
  }

  Napi::Value TakeSilences(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    shard_->tracker().MakeShelfRoom();
    return Taken(info.Env(), shard_->tracker().silences());
  }

  Napi::Value TakeBirths(const Napi::CallbackInfo& info) {
    if (shard_ == nullptr) return Closed(info.Env());
    return Taken(info.Env(), shard_->tracker().births());
  }

  Napi::Value Previews(const Napi::CallbackInfo& info) {
    constexpr size_t kMost = 8192;  // chosen: 2.6 MB
    if (shard_ == nullptr) return Closed(info.Env());
    std::vector<deadair::Silence> known;
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
    std::vector<deadair::CarverTuple> tuples;
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

  Napi::Value Close(const Napi::CallbackInfo& info) {
    shard_.reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<deadair::LiveShard> shard_;
};

Napi::Object DeviceObject(Napi::Env env, const deadair::DeviceFacts& facts) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("name", facts.name);
  out.Set("description", facts.description);
  out.Set("up", facts.up);
  out.Set("running", facts.running);
  out.Set("loopback", facts.loopback);
  Napi::Array addresses = Napi::Array::New(env);
  for (size_t i = 0; i < facts.addresses.size(); i++) addresses.Set(i, facts.addresses[i]);
  out.Set("addresses", addresses);
  return out;
}

class DeadairAddon : public Napi::Addon<DeadairAddon> {
 public:
  DeadairAddon(Napi::Env env, Napi::Object exports)
      : analysis_(Napi::Persistent(Analysis::Define(env))),
        carver_(Napi::Persistent(CarverWrap::Define(env))),
        conntrack_(Napi::Persistent(ConntrackWrap::Define(env))),
        live_(Napi::Persistent(Live::Define(env))) {
    DefineAddon(exports, {InstanceMethod("openAnalysis", &DeadairAddon::OpenAnalysis),
                          InstanceMethod("openCarver", &DeadairAddon::OpenCarver),
                          InstanceMethod("openLive", &DeadairAddon::OpenLive),
                          InstanceMethod("listDevices", &DeadairAddon::ListDevices),
                          InstanceMethod("checkFilter", &DeadairAddon::CheckFilter),
                          InstanceMethod("openConntrackEvents", &DeadairAddon::OpenConntrack),
                          InstanceMethod("gather", &DeadairAddon::Gather),
                          InstanceMethod("thin", &DeadairAddon::Thin)});
    exports.Set("dropPrivileges", Napi::Function::New(env, DropPrivileges));
    exports.Set("effectiveCapabilities", Napi::Function::New(env, EffectiveCapabilities));
    exports.Set("ringsOf", Napi::Function::New(env, RingsOf));
    exports.Set("keepaliveOf", Napi::Function::New(env, KeepaliveOf));
    exports.Set("layoutFingerprint", Napi::Number::New(env, deadair::kLayoutFingerprint));
  }

 private:
  Napi::Value OpenAnalysis(const Napi::CallbackInfo& info) { return Construct(analysis_, info); }
  Napi::Value OpenCarver(const Napi::CallbackInfo& info) { return Construct(carver_, info); }
  Napi::Value OpenLive(const Napi::CallbackInfo& info) { return Construct(live_, info); }

  Napi::Value ListDevices(const Napi::CallbackInfo& info) {
    std::string complaint;
    const auto all = deadair::ListDevices(&complaint);
    if (!complaint.empty()) return Throw(info.Env(), "E_CAPTURE_DEVICE", complaint);
    Napi::Array out = Napi::Array::New(info.Env(), all.size());
    for (size_t i = 0; i < all.size(); i++)
      out.Set(static_cast<uint32_t>(i), DeviceObject(info.Env(), all[i]));
    return out;
  }

  Napi::Value OpenConntrack(const Napi::CallbackInfo& info) { return Construct(conntrack_, info); }

  static Napi::Value Construct(const Napi::FunctionReference& which,
                               const Napi::CallbackInfo& info) {
    const napi_value argument =
        info.Length() > 0 ? static_cast<napi_value>(info[0]) : info.Env().Undefined();
    Napi::Object made = which.New({argument});
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    return made;
  }

  Napi::Value CheckFilter(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 1 || !info[0].IsString()) {
      return Throw(env, "E_BAD_ARGUMENT", "checkFilter(expression) takes one string");
    }
    const auto complaint = deadair::FilterComplaint(info[0].As<Napi::String>().Utf8Value());
    if (!complaint) return env.Null();
    return Napi::String::New(env, *complaint);
  }

  Napi::Value Gather(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    std::vector<std::span<const uint8_t>> parts;
    if (info.Length() != 2 || !info[0].IsString() || !ReadParts(info[1], &parts))
      return Throw(env, "E_BAD_ARGUMENT", "gather(what, parts) takes a name and byte arrays");
    const auto table = deadair::Gather(info[0].As<Napi::String>().Utf8Value(), parts);
    if (!table) return Throw(env, "E_BAD_ARGUMENT", "gather: no such table");
    return Bytes(env, *table);
  }

  Napi::Value Thin(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto fails = [&](const char* why) { return Throw(env, "E_BAD_ARGUMENT", why); };
    std::vector<std::span<const uint8_t>> rows;
    uint32_t level = 0, most = 0;
    if (info.Length() != 3 || !info[0].IsString() || !ReadParts(info[1], &rows) ||
        rows.size() != 1 || !info[2].IsObject() ||
        !ReadNumber(info[2].As<Napi::Object>(), "level", &level) ||
        !ReadNumber(info[2].As<Napi::Object>(), "most", &most))
      return fails("thin(table, [rows], {level, most})");
    const auto thin =
        deadair::ThinTable(info[0].As<Napi::String>().Utf8Value(), rows[0], level, most);
    if (!thin) return fails("thin: no such table");
    Napi::Object out = Counts(env, {{"level", thin->level}, {"dropped", thin->dropped}});
    out.Set("rows", Bytes(env, thin->rows));
    return out;
  }

  Napi::FunctionReference analysis_;
  Napi::FunctionReference carver_;
  Napi::FunctionReference conntrack_;
  Napi::FunctionReference live_;
};

}  // namespace

NODE_API_ADDON(DeadairAddon)
