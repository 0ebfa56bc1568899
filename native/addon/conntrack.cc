// Rows that the kernel's connection table has dropped.
#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "addon/border.h"
#include "addon/values.h"
#include "host/conntrack.h"

namespace deadair::addon {
namespace {

Napi::Object RowTupleObject(Napi::Env env, const RowTuple& tuple, uint8_t version) {
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
    events_ = ConntrackEvents::Open(bytes, &error);
    if (events_ == nullptr) Throw(info.Env(), "E_CONNTRACK_DENIED", std::strerror(error));
  }

 private:
  Napi::Value Take(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 1 || !info[0].IsNumber())
      return Throw(env, "E_BAD_ARGUMENT", "take(most) takes one number");
    std::vector<RowEnd> ends;
    if (events_ != nullptr) events_->Take(info[0].As<Napi::Number>().Uint32Value(), &ends);
    Napi::Array out = Napi::Array::New(env, ends.size());
    for (size_t i = 0; i < ends.size(); i++) {
      const RowEnd& end = ends[i];
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

  std::unique_ptr<ConntrackEvents> events_;
};

}  // namespace

Napi::Function DefineConntrack(Napi::Env env) { return ConntrackWrap::Define(env); }

}  // namespace deadair::addon
