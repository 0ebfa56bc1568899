// Connections that somebody wants the packets of, and those packets.
#pragma once
#include <napi.h>

#include <vector>

#include "flow/carver.h"

namespace deadair::addon {

bool ReadTuples(const Napi::Value& value, std::vector<CarverTuple>* out);
Napi::Array FrameObjects(Napi::Env env, const std::vector<CarvedFrame>& frames);

}  // namespace deadair::addon
