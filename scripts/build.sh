#!/usr/bin/env bash
# Builds what is stale: the native addon, then dist/. Make and tsc know about changed files;
# a new or vanished .cc file, other flags or another Node need a new configure, which is seen here.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/headers.sh

[ -d node_modules ] || stop "there are no npm packages yet: npm run setup"

stamp=build/.configured
wanted=$({
  node --version
  cat binding.gyp
  find native -name '*.cc' | sort
} | sha256sum)
if [ ! -f build/Makefile ] || [ "$(cat $stamp 2>/dev/null)" != "$wanted" ]; then
  node_modules/.bin/node-gyp configure --loglevel=warn
  printf '%s\n' "$wanted" >$stamp
fi
node_modules/.bin/node-gyp build --loglevel=warn -j max ||
  stop "the native addon could not be built; the compiler's words are above (is everything there? npm run setup)"
node_modules/.bin/tsc -b
node scripts/print-layout.js --check || stop "what both languages read was not printed anew"
stale_page=$(find web src/base src/path src/prescribe src/report scripts/web.js \
  -newer dist/page/report.html -print -quit 2>/dev/null) || stale_page=all
if [ -n "$stale_page" ]; then
  node_modules/.bin/tsc -p web/tsconfig.json
  node scripts/web.js
fi
for source in dist/.tsbuildinfo bin/packed.js scripts/bundle.js scripts/code-cache.cjs; do
  [ dist/bundle/cli.cjs -nt $source ] || stale_pack=yes
done
[ -z "${stale_pack-}" ] || node scripts/bundle.js
