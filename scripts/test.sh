#!/usr/bin/env bash
# Builds what is stale, runs the tests, and ends with one line: N passed, N failed, N skipped.
#   --long   also the long forms (DEADAIR_LONG=1); further words go to vitest: npm test -- test/house.test.ts
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1-}" = --long ]; then
  export DEADAIR_LONG=1
  shift
fi

bash scripts/build.sh

tally=$(mktemp)
trap 'rm -f "$tally"' EXIT
status=0
DEADAIR_TALLY="$tally" node_modules/.bin/vitest run \
  --reporter=default --reporter=./scripts/tally.js "$@" || status=$?

if [ ! -s "$tally" ]; then
  printf 'vitest ended with status %s before it could count\n' "$status" >"$tally"
  printf '0 passed, 1 failed, 0 skipped\n' >>"$tally"
fi
cat "$tally"
# A run that executed nothing proves nothing.
if tail -n 1 "$tally" | grep -q '^0 passed, 0 failed,'; then status=1; fi
if [ "$status" -eq 0 ] && ! tail -n 1 "$tally" | grep -q ', 0 failed,'; then status=1; fi
exit "$status"
