// What the machine knows of itself, and what this process gives up.
#include <string>
#include <vector>

#include "addon/border.h"
#include "addon/values.h"
#include "host/keepalive.h"
#include "host/privileges.h"
#include "host/rings.h"

namespace deadair::addon {

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

}  // namespace deadair::addon
