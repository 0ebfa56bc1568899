// Tables of several shards put together.
#include <span>
#include <string>
#include <vector>

#include "addon/border.h"
#include "addon/values.h"
#include "flow/closes.h"
#include "flow/gather.h"
#include "flow/thin.h"

namespace deadair::addon {

Napi::Value Gather(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<std::span<const uint8_t>> parts;
  if (info.Length() != 2 || !info[0].IsString() || !ReadParts(info[1], &parts))
    return Throw(env, "E_BAD_ARGUMENT", "gather(what, parts) takes a name and byte arrays");
  const Napi::Value table = Gathered(env, info[0].As<Napi::String>().Utf8Value(), parts);
  return table.IsUndefined() ? Throw(env, "E_BAD_ARGUMENT", "gather: no such table") : table;
}

Napi::Value LayOutCloses(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 1 || !info[0].IsTypedArray() ||
      info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    return Throw(env, "E_BAD_ARGUMENT", "layOutCloses(silences) takes a byte array");
  const Napi::Uint8Array silences = info[0].As<Napi::Uint8Array>();
  const Closes closes = deadair::LayOutCloses({silences.Data(), silences.ByteLength()});
  Napi::Object out = Counts(env, {{"onPacketClock", closes.on_packet_clock}});
  out.Set("rows", Column<Napi::Int32Array>(env, closes.rows));
  out.Set("others", Column<Napi::Int32Array>(env, closes.others));
  out.Set("moments", Column<Napi::Float64Array>(env, closes.moments));
  out.Set("idles", Column<Napi::Float64Array>(env, closes.idles));
  out.Set("originators", Column<Napi::Int32Array>(env, closes.originators));
  out.Set("originatorsOfOthers", Column<Napi::Int32Array>(env, closes.originators_of_others));
  out.Set("order", Column<Napi::Int32Array>(env, closes.order));
  out.Set("starts", Column<Napi::Int32Array>(env, closes.starts));
  return out;
}

Napi::Value Thin(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto fails = [&](const char* why) { return Throw(env, "E_BAD_ARGUMENT", why); };
  std::vector<std::span<const uint8_t>> rows;
  uint32_t level = 0, most = 0;
  if (info.Length() != 3 || !info[0].IsString() || !ReadParts(info[1], &rows) || rows.size() != 1 ||
      !info[2].IsObject() || !ReadNumber(info[2].As<Napi::Object>(), "level", &level) ||
      !ReadNumber(info[2].As<Napi::Object>(), "most", &most))
    return fails("thin(table, [rows], {level, most})");
  const auto thin =
      deadair::ThinTable(info[0].As<Napi::String>().Utf8Value(), rows[0], level, most);
  if (!thin) return fails("thin: no such table");
  Napi::Object out = Counts(env, {{"level", thin->level}, {"dropped", thin->dropped}});
  out.Set("rows", thin->rows ? Bytes(env, *thin->rows) : info[1].As<Napi::Array>().Get(0u));
  return out;
}

}  // namespace deadair::addon
