#!/bin/sh
# check.sh [ROOT]: fails, and says why, when a system has something that must not be in an image: what lets somebody in, what tells
# one machine from another, or what is left of the build. The build of every image ends with it.
set -eu

ROOT=${1:-}
failures=0

fail() {
  echo "check.sh: $*" >&2
  failures=$((failures + 1))
}

# none WHAT FILE...: none of the files exists with something in it. A link that leads nowhere is none.
none() {
  what=$1
  shift
  for path in "$@"; do
    if [ -s "$path" ] && [ ! -d "$path" ]; then fail "$what: ${path#"$ROOT"}"; fi
  done
}

# empty WHAT DIRECTORY...: no file with something in it anywhere below.
empty() {
  what=$1
  shift
  for directory in "$@"; do
    [ -d "$directory" ] || continue
    find "$directory" -type f -size +0 | while read -r path; do echo "${path#"$ROOT"}"; done
  done >"$found"
  while read -r path; do fail "$what: $path"; done <"$found"
}

found=$(mktemp)
trap 'rm -f "$found"' EXIT

none "a machine's own SSH key" "$ROOT"/etc/ssh/ssh_host_*
none "a machine's own id" "$ROOT/etc/machine-id" "$ROOT/var/lib/dbus/machine-id" "$ROOT/var/lib/systemd/random-seed"
none "a machine's own network" "$ROOT/etc/netplan/50-cloud-init.yaml" "$ROOT/etc/network/interfaces.d/50-cloud-init"
for home in "$ROOT/root" "$ROOT"/home/*; do
  empty "a key that lets somebody in" "$home/.ssh"
  none "history" "$home"/.*_history "$home/.lesshst" "$home/.viminfo" "$home/.wget-hsts"
done
empty "a log of the build" "$ROOT/var/log"
empty "settings of the build's machine" "$ROOT/var/lib/cloud"
empty "what was downloaded" "$ROOT/var/lib/apt/lists" "$ROOT/var/cache/apt/archives"
empty "what the build uploaded" "$ROOT/tmp/spacegate" "$ROOT/var/tmp"
none "settings, or a token" "$ROOT/etc/spacegate/config.yaml" "$ROOT/etc/spacegate/first-boot.yaml" "$ROOT"/etc/credstore/*
none "what the agent has stored" "$ROOT"/var/lib/spacegate/*

# A password's hash begins with $; what is locked has ! before it and lets nobody in, but is somebody's password all the same.
if grep -q -e '^[^:]*:!*\$' -e '^[^:]*::' "$ROOT/etc/shadow"; then fail "a password in /etc/shadow, or none needed"; fi
grep -rlsE 'BEGIN [A-Z ]*PRIVATE KEY|HRKU-[[:alnum:]-]{20}|AKIA[0-9A-Z]{16}' "$ROOT/etc" "$ROOT/root" "$ROOT/home" >"$found" || true
while read -r path; do fail "a secret: ${path#"$ROOT"}"; done <"$found"

[ "$failures" -eq 0 ] || exit 1
