# Sourced by the scripts beside it: one voice, one way to stop.
say() { printf '\n== %s\n' "$*"; }
stop() {
  printf 'deadair: %s\n' "$*" >&2
  exit 1
}
