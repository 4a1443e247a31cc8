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

# The labs wait more than they work, so the two long ones run at the same time. In a session of its own a lab can be ended with
# all that it started, when this script is.
behind_log=$(mktemp)
behind_pid=
end() {
  [ -z "$behind_pid" ] || kill -TERM -- "-$behind_pid" 2>/dev/null
  rm -f "$behind_log"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What a lab that ran behind has said, and how it ended.
told() {
  cat "$behind_log"
  return "$1"
}

part types tsc --noEmit
part lint biome check --error-on-warnings .
part "dead code" knip
part "Debian packages" node test/lab/install.ts
part unit unit
part bundle sh test/bundle.sh
# User-mode Linux is slow, so only what needs VTI links and a kernel's ESP runs there; --scenario all runs the others too.
setsid sh test/lab/twice.sh uml "$VTI_SCENARIOS" >"$behind_log" 2>&1 &
behind_pid=$!
part "lab, libipsec" sh test/lab/twice.sh libipsec most
wait "$behind_pid"
behind_code=$?
behind_pid=
part "lab, uml" told "$behind_code"
part "lab, the real Heroku client" sh test/lab/start.sh --engine libipsec --source heroku-cli

[ -z "$failures" ] || printf '\nfailed:%s\n' "$failures"
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
