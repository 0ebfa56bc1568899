// What can be captured from, and with which filter.
#include <string>

#include "addon/border.h"
#include "addon/values.h"
#include "source/device.h"
#include "source/filter.h"

namespace deadair::addon {
namespace {

Napi::Object DeviceObject(Napi::Env env, const DeviceFacts& facts) {
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

}  // namespace

Napi::Value ListDevices(const Napi::CallbackInfo& info) {
  if (!HasLibpcap(info.Env())) return info.Env().Undefined();
  std::string complaint;
  const auto all = deadair::ListDevices(&complaint);
  if (!complaint.empty()) return Throw(info.Env(), "E_CAPTURE_DEVICE", complaint);
  Napi::Array out = Napi::Array::New(info.Env(), all.size());
  for (size_t i = 0; i < all.size(); i++)
    out.Set(static_cast<uint32_t>(i), DeviceObject(info.Env(), all[i]));
  return out;
}

Napi::Value CheckFilter(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 1 || !info[0].IsString()) {
    return Throw(env, "E_BAD_ARGUMENT", "checkFilter(expression) takes one string");
  }
  if (!HasLibpcap(env)) return env.Undefined();
  const auto complaint = deadair::FilterComplaint(info[0].As<Napi::String>().Utf8Value());
  if (!complaint) return env.Null();
  return Napi::String::New(env, *complaint);
}

}  // namespace deadair::addon
