#!/usr/bin/env bash
# Installs those of the named Debian packages that are missing, and nothing else: no upgrade, no
# recommended extras, no question asked, no service started or enabled.
set -euo pipefail
. "$(dirname "$0")/say.sh"

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
  say "This is not Debian or Ubuntu: see to it that you have the equivalents of $*"
  exit 0
}

missing=()
for package in "$@"; do installed "$package" || missing+=("$package"); done
if [ ${#missing[@]} -eq 0 ]; then
  say "System packages: all there ($*)"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    stop "need root for the system packages; as root run: apt-get install ${missing[*]}"
  as_root=(sudo)
fi

say "System packages: installing ${missing[*]}"
# env behind sudo, which drops the environment. noninteractive answers tshark's question about setuid with "no".
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -y)
# policy-rc.d is how Debian asks "may this service start now?"; 101 is "no" (invoke-rc.d(8)).
policy=${DEADAIR_POLICY_RC_D:-/usr/sbin/policy-rc.d}
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${apt[@]}" update </dev/null ||
  printf 'deadair: apt-get update failed; trying with the package lists that are there\n' >&2
"${apt[@]}" install --no-install-recommends "${missing[@]}" </dev/null ||
  stop "apt-get could not install ${missing[*]}; its own words are above"
# What a package enables for the next boot as it is installed was not asked for. Without systemctl nothing boots services.
units=${DEADAIR_UNITS:-/lib/systemd/system}
for package in "${missing[@]}"; do
  if [ -e "$units/$package.service" ] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl --quiet disable "$package.service" 2>/dev/null ||
      printf 'deadair: %s stays enabled: systemctl disable %s\n' "$package" "$package" >&2
  fi
done
