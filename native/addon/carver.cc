// Packets of some connections, out of files that are read again.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "addon/border.h"
#include "addon/evidence.h"
#include "addon/values.h"
#include "flow/carver.h"

namespace deadair::addon {
namespace {

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
    std::vector<CarverTuple> tuples;
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
    if (!filter.empty() && !HasLibpcap(env)) return;
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
    std::vector<CarvedFrame> frames;
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

}  // namespace

Napi::Function DefineCarver(Napi::Env env) { return CarverWrap::Define(env); }

}  // namespace deadair::addon
