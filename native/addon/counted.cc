#include "addon/counted.h"

#include "addon/values.h"

namespace deadair::addon {
namespace {

Napi::Value ProblemObject(Napi::Env env, const Problem& problem) {
  if (!problem) return env.Null();
  Napi::Object out = Napi::Object::New(env);
  out.Set("code", problem.code);
  out.Set("what", problem.what);
  out.Set("atByte", Count(env, problem.at_byte));
  out.Set("atFrame", Count(env, problem.at_frame));
  return out;
}

Napi::Object PointObject(Napi::Env env, const CapturePoint& point, const CaptureClock& clock) {
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

template <class Of>
Napi::Value Taken(Napi::Env env, const char* what, const std::vector<Tracker*>& trackers, Of&& of) {
  std::vector<std::span<const uint8_t>> parts;
  for (Tracker* tracker : trackers)
    for (const std::span<const uint8_t> some : of(*tracker).bytes()) parts.push_back(some);
  const Napi::Value table = Gathered(env, what, parts);
  for (Tracker* tracker : trackers) of(*tracker).Clear();
  return table;
}

Napi::Object ThinnedObject(Napi::Env env, Notes& notes) {
  Napi::Object out = Napi::Object::New(env);
  for (const auto& [table, level, most] : notes.thinned())
    out.Set(table, Counts(env, {{"level", level}, {"most", most}}));
  return out;
}

}  // namespace

Napi::Value TakenSilences(Napi::Env env, const std::vector<Tracker*>& trackers) {
  return Taken(
      env, "silences", trackers, [](Tracker & of) -> auto& { return of.silences(); });
}

Napi::Value TakenBirths(Napi::Env env, const std::vector<Tracker*>& trackers) {
  return Taken(
      env, "births", trackers, [](Tracker & of) -> auto& { return of.births(); });
}

Napi::Object SourceObject(Napi::Env env, const SourceFacts& facts, const Intake& intake,
                          size_t index) {
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
    fates.Set(kFateNames[i], Count(env, intake.fates()[index][i]));
  }
  out.Set("fates", fates);
  return out;
}

Napi::Object CounterObject(Napi::Env env, Tracker& tracker) {
  const TrackerCounters c = tracker.counters();
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

Napi::Object FinishedObject(Napi::Env env, const Napi::Array& sources,
                            const std::vector<CapturePoint>& places,
                            const std::vector<BlindSpot>& blind, Tracker& tracker) {
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

}  // namespace deadair::addon
