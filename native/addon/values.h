// JavaScript's values and ours. Whoever reads one says false where it is of another kind: a wrong
// call is answered by E_BAD_ARGUMENT, in the words of the function that was called.
#pragma once
#include <napi.h>

#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "source/source.h"

namespace deadair::addon {

// An exception with a code of docs/errors.md.
Napi::Value Throw(Napi::Env env, const std::string& code, const std::string& what);
// `culprit`: the path or interface it is about.
Napi::Value ThrowProblem(Napi::Env env, const Problem& problem, const std::string& culprit);

Napi::Number Count(Napi::Env env, uint64_t value);

// Properties by name and value, in order.
struct Row {
  const char* name;
  uint64_t value;
};

Napi::Object Counts(Napi::Env env, std::initializer_list<Row> rows);

// Packed records, copied: JavaScript's memory is JavaScript's.
template <class Record>
Napi::Value Bytes(Napi::Env env, const std::vector<Record>& records) {
  const size_t bytes = records.size() * sizeof(Record);
  Napi::Uint8Array out = Napi::Uint8Array::New(env, bytes);
  if (bytes != 0) std::memcpy(out.Data(), records.data(), bytes);
  return out;
}

// … of several, one behind the other.
template <class Record>
Napi::Value Bytes(Napi::Env env, const std::vector<std::vector<Record>>& parts) {
  size_t bytes = 0;
  for (const auto& part : parts) bytes += part.size() * sizeof(Record);
  Napi::Uint8Array out = Napi::Uint8Array::New(env, bytes);
  uint8_t* to = bytes != 0 ? out.Data() : nullptr;
  for (const auto& part : parts) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size() * sizeof(Record));
    to += part.size() * sizeof(Record);
  }
  return out;
}

// Numbers of one kind, copied.
template <class Array, class Number>
Napi::Value Column(Napi::Env env, const std::vector<Number>& numbers) {
  Array out = Array::New(env, numbers.size());
  if (!numbers.empty()) std::memcpy(out.Data(), numbers.data(), numbers.size() * sizeof(Number));
  return out;
}

// Packed records, copied, and they are ours no more.
template <class Record>
Napi::Value Taken(Napi::Env env, std::vector<Record>& records) {
  Napi::Value out = Bytes(env, records);
  records.clear();
  return out;
}

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
bool ReadNumber(const Napi::Object& from, const char* name, uint32_t* out);
bool ReadNumber(const Napi::Object& from, const char* name, double* out);
// `filter`, which may be missing.
bool ReadFilter(const Napi::Object& from, std::string* out);

}  // namespace deadair::addon
