#!/usr/bin/env bash
# Makes a fresh Debian or Ubuntu machine ready: system packages, npm packages, the native addon, the
# TypeScript build. Says each step, repeats nothing that is done, starts no service.
#   --test   also what only the tests need
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

run_time_packages=(g++ make python3 libpcap-dev zlib1g-dev libzstd-dev redis-server)
test_packages=(tcpdump tcpreplay tshark iproute2 nftables conntrack haproxy openssl curl chromium)

for_tests=false
case "${1-}" in
  '') ;;
  --test) for_tests=true ;;
  *) stop "setup.sh knows --test, not $1" ;;
esac

command -v node >/dev/null || stop "Node.js 20.19 or newer is needed and none is on the PATH"
node -e 'const [a, b] = process.versions.node.split(".").map(Number);
         process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  stop "Node.js 20.19 or newer is needed; this is $(node --version)"

# Under sudo the tree stays the property of whoever called sudo.
as_owner=()
if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_UID-}" ] && [ "$(stat -c %u .)" = "$SUDO_UID" ]; then
  home=$(getent passwd "$SUDO_UID" | cut -d: -f6) || true
  as_owner=(setpriv --reuid "$SUDO_UID" --regid "$SUDO_GID" --clear-groups env "HOME=${home:-/tmp}")
fi

packages=("${run_time_packages[@]}")
if $for_tests; then packages+=("${test_packages[@]}"); fi
bash scripts/packages.sh "${packages[@]}"

if node scripts/installed.js; then
  say "npm packages: all there, as package-lock.json says"
else
  say "npm packages: npm ci (TypeScript among them, which builds dist/)"
  "${as_owner[@]}" npm ci --ignore-scripts --prefer-offline --no-audit --no-fund </dev/null ||
    stop "npm ci failed; its own words are above"
fi

say "Native addon and TypeScript: scripts/build.sh"
"${as_owner[@]}" bash scripts/build.sh

cap=node_modules/cap/build/Release/cap.node
if $for_tests && [ ! -e $cap ]; then
  say "The optional package cap, the second opinion of some tests"
  . scripts/headers.sh
  "${as_owner[@]}" npm rebuild cap </dev/null || true
  [ -e $cap ] ||
    printf 'deadair: cap could not be built; the tests that compare with it will be skipped\n' >&2
fi

say "Ready: bin/deadair --help"
