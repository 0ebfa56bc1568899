// JavaScript's values and ours. Whoever reads one says false where it is of another kind: a wrong
// call is answered by E_BAD_ARGUMENT, in the words of the function that was called.
#pragma once
#include <napi.h>

#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pages.h"
#include "source/source.h"

namespace deadair::addon {

// An exception with a code of docs/errors.md.
Napi::Value Throw(Napi::Env env, const std::string& code, const std::string& what);
// `culprit`: the path or interface it is about.
Napi::Value ThrowProblem(Napi::Env env, const Problem& problem, const std::string& culprit);

// Throws E_ADDON_MISSING where libpcap, which a filter and a live capture need, cannot be loaded.
bool HasLibpcap(Napi::Env env);

Napi::Number Count(Napi::Env env, uint64_t value);

// Properties by name and value, in order.
struct Row {
  const char* name;
  uint64_t value;
};

Napi::Object Counts(Napi::Env env, std::initializer_list<Row> rows);

// Fills an array that is fresh.
template <class Vector, class Array>
void Write(const Vector& from, Array* to) {
  if (from.empty()) return;
  Populate(to->Data(), to->ByteLength());
  std::memcpy(to->Data(), from.data(), to->ByteLength());
}

// Numbers of one kind, copied: JavaScript's memory is JavaScript's.
template <class Array, class Number>
Napi::Value Column(Napi::Env env, const std::vector<Number>& numbers) {
  Array out = Array::New(env, numbers.size());
  static_assert(sizeof(*out.Data()) == sizeof(Number));
  Write(numbers, &out);
  return out;
}

// Packed records, copied.
template <class Vector>
Napi::Value Bytes(Napi::Env env, const Vector& records) {
  Napi::Uint8Array out =
      Napi::Uint8Array::New(env, records.size() * sizeof(typename Vector::value_type));
  Write(records, &out);
  return out;
}

// A table of these parts, as gather.h puts it together; undefined where it knows none of this name.
Napi::Value Gathered(Napi::Env env, std::string_view what,
                     const std::vector<std::span<const uint8_t>>& parts);

// Packed records that we gave out before, copied.
template <class Record>
bool ReadRecords(const Napi::Value& value, std::vector<Record>* out) {
  if (!value.IsTypedArray()) return false;
  const Napi::TypedArray array = value.As<Napi::TypedArray>();
  const size_t bytes = array.ByteLength();
  if (array.TypedArrayType() != napi_uint8_array || bytes % sizeof(Record) != 0) return false;
  out->resize(bytes / sizeof(Record));
  if (bytes != 0) std::memcpy(out->data(), value.As<Napi::Uint8Array>().Data(), bytes);
  return true;
}

// False also where there is none.
bool ReadStrings(const Napi::Value& value, std::vector<std::string>* out);
bool ReadNumbers(const Napi::Value& value, std::vector<uint32_t>* out);
// Where they lie in JavaScript's memory: valid for the call.
bool ReadParts(const Napi::Value& value, std::vector<std::span<const uint8_t>>* out);
// Numbers of one kind where they lie, valid until JavaScript runs again. False also for memory that
// another thread may write: what was checked has to stay so.
bool ReadColumn(const Napi::Value& value, std::span<const double>* out);
bool ReadColumn(const Napi::Value& value, std::span<const int32_t>* out);
bool ReadColumn(const Napi::Value& value, std::span<const uint8_t>* out);
bool ReadNumber(const Napi::Object& from, const char* name, uint32_t* out);
bool ReadNumber(const Napi::Object& from, const char* name, double* out);
// `filter`, which may be missing.
bool ReadFilter(const Napi::Object& from, std::string* out);

}  // namespace deadair::addon
