// What the files of this folder give to the module: classes whose objects hold native memory, and
// functions that hold none.
#pragma once
#include <napi.h>

namespace deadair::addon {

Napi::Function DefineAnalysis(Napi::Env env);
Napi::Function DefineCarver(Napi::Env env);
Napi::Function DefineConntrack(Napi::Env env);
Napi::Function DefineLive(Napi::Env env);

Napi::Value ListDevices(const Napi::CallbackInfo& info);
Napi::Value CheckFilter(const Napi::CallbackInfo& info);

Napi::Value Gather(const Napi::CallbackInfo& info);
Napi::Value LayOutCloses(const Napi::CallbackInfo& info);
Napi::Value Thin(const Napi::CallbackInfo& info);

Napi::Value IdleWindows(const Napi::CallbackInfo& info);
Napi::Value LadderOf(const Napi::CallbackInfo& info);
Napi::Value LogAccidents(const Napi::CallbackInfo& info);
Napi::Value OrderOf(const Napi::CallbackInfo& info);
Napi::Value Sha1(const Napi::CallbackInfo& info);

Napi::Value DropPrivileges(const Napi::CallbackInfo& info);
Napi::Value EffectiveCapabilities(const Napi::CallbackInfo& info);
Napi::Value RingsOf(const Napi::CallbackInfo& info);
Napi::Value KeepaliveOf(const Napi::CallbackInfo& info);

}  // namespace deadair::addon
