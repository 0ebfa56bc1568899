#!/usr/bin/env bash
# Everything a change must pass: format, lint, types of the tests, build, tests (the house rules among them).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

say "Format: biome, clang-format"
bash scripts/format.sh --check
say "Lint: oxlint with type information"
node_modules/.bin/oxlint --type-aware --deny-warnings
say "Types of the tests"
node_modules/.bin/tsc -p test/tsconfig.json
say "Types of the page"
node_modules/.bin/tsc -p web/tsconfig.json
say "Build and tests"
bash scripts/test.sh
