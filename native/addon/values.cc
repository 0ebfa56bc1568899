#include "addon/values.h"

#include "flow/gather.h"
#include "source/filter.h"

namespace deadair::addon {
namespace {

template <class Array, class Number>
bool ReadArray(const Napi::Value& value, napi_typedarray_type type, std::span<const Number>* out) {
  if (!value.IsTypedArray()) return false;
  const Napi::TypedArray array = value.As<Napi::TypedArray>();
  if (array.TypedArrayType() != type || !array.ArrayBuffer().IsArrayBuffer()) return false;
  *out = {value.As<Array>().Data(), array.ElementLength()};
  return true;
}

}  // namespace

Napi::Value Throw(Napi::Env env, const std::string& code, const std::string& what) {
  Napi::Error error = Napi::Error::New(env, what);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ThrowProblem(Napi::Env env, const Problem& problem, const std::string& culprit) {
  return Throw(env, problem.code, culprit.empty() ? problem.what : culprit + ": " + problem.what);
}

bool HasLibpcap(Napi::Env env) {
  const std::string& missing = LibpcapMissing();
  if (!missing.empty()) Throw(env, "E_ADDON_MISSING", "libpcap cannot be loaded: " + missing);
  return missing.empty();
}

Napi::Number Count(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Object Counts(Napi::Env env, std::initializer_list<Row> rows) {
  Napi::Object out = Napi::Object::New(env);
  for (const Row& row : rows) out.Set(row.name, Count(env, row.value));
  return out;
}

Napi::Value Gathered(Napi::Env env, std::string_view what,
                     const std::vector<std::span<const uint8_t>>& parts) {
  Napi::Value table = env.Undefined();
  Gather(what, parts, [&](size_t bytes) {
    Napi::Uint8Array room = Napi::Uint8Array::New(env, bytes);
    table = room;
    if (bytes != 0) PopulateHuge(room.Data(), bytes);
    return room.Data();
  });
  return table;
}

bool ReadStrings(const Napi::Value& value, std::vector<std::string>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsString()) return false;
    out->push_back(item.As<Napi::String>().Utf8Value());
  }
  return !out->empty();
}

bool ReadParts(const Napi::Value& value, std::vector<std::span<const uint8_t>>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsTypedArray()) return false;
    if (item.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) return false;
    const Napi::Uint8Array part = item.As<Napi::Uint8Array>();
    out->emplace_back(part.Data(), part.ByteLength());
  }
  return true;
}

bool ReadColumn(const Napi::Value& value, std::span<const double>* out) {
  return ReadArray<Napi::Float64Array>(value, napi_float64_array, out);
}

bool ReadColumn(const Napi::Value& value, std::span<const int32_t>* out) {
  return ReadArray<Napi::Int32Array>(value, napi_int32_array, out);
}

bool ReadColumn(const Napi::Value& value, std::span<const uint8_t>* out) {
  return ReadArray<Napi::Uint8Array>(value, napi_uint8_array, out);
}

bool ReadNumber(const Napi::Object& from, const char* name, uint32_t* out) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) return false;
  *out = value.As<Napi::Number>().Uint32Value();
  return true;
}

bool ReadNumber(const Napi::Object& from, const char* name, double* out) {
  const Napi::Value value = from.Get(name);
  if (!value.IsNumber()) return false;
  *out = value.As<Napi::Number>().DoubleValue();
  return true;
}

bool ReadNumbers(const Napi::Value& value, std::vector<uint32_t>* out) {
  if (!value.IsArray()) return false;
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    if (!item.IsNumber()) return false;
    out->push_back(item.As<Napi::Number>().Uint32Value());
  }
  return true;
}

bool ReadFilter(const Napi::Object& from, std::string* out) {
  const Napi::Value value = from.Get("filter");
  if (value.IsNull() || value.IsUndefined()) return true;
  if (!value.IsString()) return false;
  *out = value.As<Napi::String>().Utf8Value();
  return true;
}

}  // namespace deadair::addon
