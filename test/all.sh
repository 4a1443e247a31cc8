#!/bin/sh
# `npm test`: everything, in the order in which failures are cheapest. Ends with the plain line `N passed, N failed`.
set -u
cd "$(dirname "$0")/.."
. test/bootstrap.sh || exit 1
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
passed=0
failed=0
failures=""

# The lab's own count of scenarios, or of test cases, is what is added up; a part without one counts as one.
part() {
  name=$1
  shift
  printf '\n== %s\n' "$name"
  log=$(mktemp)
  status=$(mktemp)
  { "$@" 2>&1; echo $? >"$status"; } | tee "$log"
  code=$(cat "$status")
  good=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$log" | tail -n 1)
  bad=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$log" | tail -n 1)
  rm -f "$log" "$status"
  if [ "$code" -eq 0 ]; then
    passed=$((passed + ${good:-1}))
    failed=$((failed + ${bad:-0}))
  else
    passed=$((passed + ${good:-0}))
    bad=${bad:-1}
    [ "$bad" -gt 0 ] || bad=1
    failed=$((failed + bad))
    failures="$failures $name"
  fi
}

VTI_SCENARIOS=up,agent-killed,rotate-psk,rotate-address,drift
VTI_SCENARIOS=$VTI_SCENARIOS,failover-cut,failover-delete,failover-asymmetric,failover-answers-lost
VTI_SCENARIOS=$VTI_SCENARIOS,on-call-one-tunnel,check-vti

unit() {
  # Some measure time, and a noisy machine may stall one: what fails twice in a row has failed.
  vitest run --retry=1 --reporter=default --reporter=./test/count-reporter.ts "$@"
}

# Runs scenarios; those that fail are tried once more, for the same reason, and said to be.
lab() {
  lab_log=$(mktemp)
  lab_status=$(mktemp)
  { sh test/lab/start.sh --engine "$1" --scenario "$2"; echo $? >"$lab_status"; } 2>&1 | tee "$lab_log"
  lab_code=$(cat "$lab_status")
  again=$(sed -n 's/^FAILED: \([a-z0-9-]*\) .*/\1/p' "$lab_log" | paste -sd, -)
  first=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$lab_log" | tail -n 1)
  rm -f "$lab_log" "$lab_status"
  if [ "$lab_code" -eq 0 ] || [ -z "$again" ]; then return "$lab_code"; fi
  printf '\nTried once more: %s\n' "$again"
  { sh test/lab/start.sh --engine "$1" --scenario "$again"; echo $? >"$lab_status"; } 2>&1 | tee "$lab_log"
  lab_code=$(cat "$lab_status")
  second=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$lab_log" | tail -n 1)
  bad=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$lab_log" | tail -n 1)
  rm -f "$lab_log" "$lab_status"
  printf '%s passed, %s failed\n' "$((${first:-0} + ${second:-0}))" "${bad:-1}"
  return "$lab_code"
}

part types tsc --noEmit
part lint biome check --error-on-warnings .
part "dead code" knip
part "Debian packages" node test/lab/install.ts
part unit unit
part bundle sh test/bundle.sh
part "lab, libipsec" lab libipsec most
# User-mode Linux is slow, so only what needs VTI links and a kernel's ESP runs there; --scenario all runs the others too.
part "lab, uml" lab uml "$VTI_SCENARIOS"
part "lab, the real Heroku client" sh test/lab/start.sh --engine libipsec --source heroku-cli

[ -z "$failures" ] || printf '\nfailed:%s\n' "$failures"
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
