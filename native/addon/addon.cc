// The border: parse, ask, translate. The files of this folder are the only ones that know napi.h.
#include "addon/border.h"
#include "silence.h"

namespace deadair::addon {
namespace {

// One a thread: what JavaScript holds of it goes with the thread.
class DeadairAddon : public Napi::Addon<DeadairAddon> {
 public:
  DeadairAddon(Napi::Env env, Napi::Object exports)
      : analysis_(Napi::Persistent(DefineAnalysis(env))),
        carver_(Napi::Persistent(DefineCarver(env))),
        conntrack_(Napi::Persistent(DefineConntrack(env))),
        live_(Napi::Persistent(DefineLive(env))) {
    DefineAddon(exports, {InstanceMethod("openAnalysis", &DeadairAddon::OpenAnalysis),
                          InstanceMethod("openCarver", &DeadairAddon::OpenCarver),
                          InstanceMethod("openLive", &DeadairAddon::OpenLive),
                          InstanceMethod("openConntrackEvents", &DeadairAddon::OpenConntrack)});
    exports.Set("listDevices", Napi::Function::New(env, ListDevices));
    exports.Set("checkFilter", Napi::Function::New(env, CheckFilter));
    exports.Set("gather", Napi::Function::New(env, Gather));
    exports.Set("layOutCloses", Napi::Function::New(env, LayOutCloses));
    exports.Set("thin", Napi::Function::New(env, Thin));
    exports.Set("idleWindows", Napi::Function::New(env, IdleWindows));
    exports.Set("ladderOf", Napi::Function::New(env, LadderOf));
    exports.Set("orderOf", Napi::Function::New(env, OrderOf));
    exports.Set("logAccidents", Napi::Function::New(env, LogAccidents));
    exports.Set("sha1", Napi::Function::New(env, Sha1));
    exports.Set("dropPrivileges", Napi::Function::New(env, DropPrivileges));
    exports.Set("effectiveCapabilities", Napi::Function::New(env, EffectiveCapabilities));
    exports.Set("ringsOf", Napi::Function::New(env, RingsOf));
    exports.Set("keepaliveOf", Napi::Function::New(env, KeepaliveOf));
    exports.Set("layoutFingerprint", Napi::Number::New(env, kLayoutFingerprint));
  }

 private:
  Napi::Value OpenAnalysis(const Napi::CallbackInfo& info) { return Construct(analysis_, info); }
  Napi::Value OpenCarver(const Napi::CallbackInfo& info) { return Construct(carver_, info); }
  Napi::Value OpenConntrack(const Napi::CallbackInfo& info) { return Construct(conntrack_, info); }
  Napi::Value OpenLive(const Napi::CallbackInfo& info) { return Construct(live_, info); }

  static Napi::Value Construct(const Napi::FunctionReference& which,
                               const Napi::CallbackInfo& info) {
    const napi_value argument =
        info.Length() > 0 ? static_cast<napi_value>(info[0]) : info.Env().Undefined();
    Napi::Object made = which.New({argument});
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    return made;
  }

  Napi::FunctionReference analysis_;
  Napi::FunctionReference carver_;
  Napi::FunctionReference conntrack_;
  Napi::FunctionReference live_;
};

}  // namespace

NODE_API_ADDON(DeadairAddon)

}  // namespace deadair::addon
