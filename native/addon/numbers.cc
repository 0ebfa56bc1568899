// Functions of numbers alone: columns in, columns out.
#include <cmath>
#include <span>
#include <vector>

#include "addon/border.h"
#include "addon/values.h"
#include "numbers/accidents.h"
#include "numbers/idle_windows.h"
#include "numbers/ladder.h"
#include "numbers/order.h"
#include "numbers/sha1.h"

namespace deadair::addon {
namespace {

// All columns are got before one is looked at, here and below: what JavaScript runs at a get may
// move memory.
bool ReadCloses(const Napi::Object& from, GroupedCloses* out) {
  const Napi::Value idles = from.Get("idles"), moments = from.Get("moments");
  const Napi::Value originators = from.Get("originators");
  const Napi::Value order = from.Get("order"), starts = from.Get("starts");
  return ReadColumn(idles, &out->idles) && ReadColumn(moments, &out->moments) &&
         ReadColumn(originators, &out->originators) && ReadColumn(order, &out->order) &&
         ReadColumn(starts, &out->starts) && IsSound(*out);
}

bool ReadLadder(const Napi::Object& from, Ladder* out) {
  const Napi::Value at = from.Get("at");
  const Napi::Value killed_below = from.Get("killedBelow");
  const Napi::Value survived_below = from.Get("survivedBelow");
  return ReadColumn(at, &out->at) && ReadColumn(killed_below, &out->killed_below) &&
         ReadColumn(survived_below, &out->survived_below) && IsSound(*out);
}

bool ReadQuestion(const Napi::Object& from, IdleQuestion* out) {
  double alike = 0;
  if (!ReadNumber(from, "shortestNs", &out->shortest_ns) || !ReadNumber(from, "alike", &alike) ||
      !ReadNumber(from, "logSeldom", &out->log_seldom))
    return false;
  if (!(alike >= 1 && alike <= INT32_MAX) || alike != std::floor(alike)) return false;
  out->alike = static_cast<int32_t>(alike);
  return out->shortest_ns >= 0 && out->log_seldom <= 0;
}

}  // namespace

Napi::Value OrderOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::span<const double> keys;
  if (info.Length() != 1 || !ReadColumn(info[0], &keys) || !IsSound(keys))
    return Throw(env, "E_BAD_ARGUMENT", "orderOf(keys) takes a column of numbers");
  return Column<Napi::Int32Array>(env, deadair::OrderOf(keys));
}

Napi::Value LadderOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::span<const double> seconds, counts, kills;
  if (info.Length() != 3 || !ReadColumn(info[0], &seconds) || !ReadColumn(info[1], &counts) ||
      !ReadColumn(info[2], &kills) || counts.size() != seconds.size() || !IsSound(seconds) ||
      !IsSound(counts) || !IsSound(kills))
    return Throw(env, "E_BAD_ARGUMENT", "ladderOf(seconds, counts, kills) takes sound columns");
  const OwnLadder made = MakeLadder(seconds, counts, kills);
  Napi::Object out = Napi::Object::New(env);
  out.Set("at", Column<Napi::Float64Array>(env, made.at));
  out.Set("killedBelow", Column<Napi::Float64Array>(env, made.killed_below));
  out.Set("survivedBelow", Column<Napi::Float64Array>(env, made.survived_below));
  return out;
}

Napi::Value LogAccidents(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Ladder ladder;
  if (info.Length() != 1 || !info[0].IsObject() || !ReadLadder(info[0].As<Napi::Object>(), &ladder))
    return Throw(env, "E_BAD_ARGUMENT",
                 "logAccidents({at, killedBelow, survivedBelow}) takes sound columns");
  return Napi::Number::New(env, deadair::LogAccidents(ladder));
}

Napi::Value IdleWindows(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  GroupedCloses closes;
  IdleQuestion question;
  if (info.Length() != 2 || !info[0].IsObject() || !info[1].IsObject() ||
      !ReadQuestion(info[1].As<Napi::Object>(), &question) ||
      !ReadCloses(info[0].As<Napi::Object>(), &closes))
    return Throw(env, "E_BAD_ARGUMENT",
                 "idleWindows({idles, moments, originators, order, starts}, "
                 "{shortestNs, alike, logSeldom}) takes sound columns and three numbers");
  const Clusters found = deadair::IdleWindows(closes, question);
  Napi::Object out = Napi::Object::New(env);
  out.Set("decisions", Column<Napi::Int32Array>(env, found.decisions));
  out.Set("closes", Column<Napi::Int32Array>(env, found.closes));
  out.Set("starts", Column<Napi::Int32Array>(env, found.starts));
  return out;
}

Napi::Value Sha1(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::span<const uint8_t> message;
  if (info.Length() != 1 || !ReadColumn(info[0], &message))
    return Throw(env, "E_BAD_ARGUMENT", "sha1(message) takes bytes");
  return Bytes(env, deadair::Sha1(message));
}

}  // namespace deadair::addon
