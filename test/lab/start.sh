#!/bin/sh
# `npm run lab`: from a bare clone to the running lab. Plain sh, so that it works whatever Node the machine has.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(id -u)" -ne 0 ]; then
  echo "The lab makes network namespaces and starts strongSwan, which only root may: run it again with sudo, or as root." >&2
  exit 1
fi

. test/bootstrap.sh

exec node_modules/.bin/node test/lab/main.ts "$@"
