#!/usr/bin/env bash
# Formats TypeScript, JavaScript and JSON with biome and C++ with clang-format. --check only looks.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

command -v clang-format >/dev/null || stop "clang-format is missing: apt-get install clang-format"
mapfile -t cpp < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h')
if [ "${1-}" = --check ]; then
  node_modules/.bin/biome format .
  clang-format --dry-run -Werror "${cpp[@]}"
else
  node_modules/.bin/biome format --write .
  clang-format -i "${cpp[@]}"
fi
