#!/bin/sh
# twice.sh ENGINE SCENARIOS: runs scenarios; those that fail are tried once more, because a noisy machine may stall one, and said
# to be.
set -u
cd "$(dirname "$0")/../.."
log=$(mktemp)
status=$(mktemp)
trap 'rm -f "$log" "$status"' EXIT
trap 'exit 143' TERM INT HUP

run() {
  { sh test/lab/start.sh --engine "$1" --scenario "$2"; echo $? >"$status"; } 2>&1 | tee "$log"
  code=$(cat "$status")
  good=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$log" | tail -n 1)
  bad=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$log" | tail -n 1)
}

run "$1" "$2"
again=$(sed -n 's/^FAILED: \([a-z0-9-]*\) .*/\1/p' "$log" | paste -sd, -)
if [ "$code" -eq 0 ] || [ -z "$again" ]; then exit "$code"; fi
first=${good:-0}
printf '\nTried once more: %s\n' "$again"
run "$1" "$again"
printf '%s passed, %s failed\n' "$((first + ${good:-0}))" "${bad:-1}"
exit "$code"
