#!/bin/sh
# `npm run image`: from a bare clone to the booted image. Plain sh, so that it works whatever Node the machine has.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(id -u)" -ne 0 ]; then
  echo "The image is made of root's files and runs in network namespaces: run it again with sudo, or as root." >&2
  exit 1
fi

. test/bootstrap.sh

exec node_modules/.bin/node test/image/main.ts "$@"
