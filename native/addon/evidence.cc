#include "addon/evidence.h"

#include <arpa/inet.h>

#include <cstring>
#include <string>

#include "addon/values.h"

namespace deadair::addon {
namespace {

bool ReadAddress(const Napi::Value& value, uint8_t out[16], uint8_t* version) {
  if (!value.IsString()) return false;
  const std::string text = value.As<Napi::String>().Utf8Value();
  std::memset(out, 0, 16);
  *version = text.find(':') == std::string::npos ? 4 : 6;
  return inet_pton(*version == 4 ? AF_INET : AF_INET6, text.c_str(), out) == 1;
}

bool ReadTuple(const Napi::Value& value, CarverTuple* out) {
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

Napi::Object FrameObject(Napi::Env env, const CarvedFrame& frame) {
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

}  // namespace

bool ReadTuples(const Napi::Value& value, std::vector<CarverTuple>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) {
    out->emplace_back();
    if (!ReadTuple(list.Get(i), &out->back())) return false;
  }
  return true;
}

Napi::Array FrameObjects(Napi::Env env, const std::vector<CarvedFrame>& frames) {
  Napi::Array out = Napi::Array::New(env, frames.size());
  for (size_t i = 0; i < frames.size(); i++)
    out.Set(static_cast<uint32_t>(i), FrameObject(env, frames[i]));
  return out;
}

}  // namespace deadair::addon
