// What an analysis, of files or of live interfaces, has counted.
#pragma once
#include <napi.h>

#include <vector>

#include "flow/intake.h"
#include "source/source.h"

namespace deadair::addon {

Napi::Object SourceObject(Napi::Env env, const SourceFacts& facts, const Intake& intake,
                          size_t index);
Napi::Object CounterObject(Napi::Env env, Tracker& tracker);

// What an analysis counted. `sources` are made already.
Napi::Object FinishedObject(Napi::Env env, const Napi::Array& sources,
                            const std::vector<CapturePoint>& places,
                            const std::vector<BlindSpot>& blind, Tracker& tracker);

// What these trackers have recorded, in the order of gather.h; it is theirs no more.
Napi::Value TakenSilences(Napi::Env env, const std::vector<Tracker*>& trackers);
Napi::Value TakenBirths(Napi::Env env, const std::vector<Tracker*>& trackers);

}  // namespace deadair::addon
