#!/bin/sh
# What is built works when it is installed and upgraded as README.md says: below a root of its own, it plans the documented
# connection and finds its templates.
set -eu
cd "$(dirname "$0")/.."
npm run --silent build
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sed "s#DIR#$dir#" >"$dir/config.yaml" <<'YAML'
heroku: { source: file, file: DIR/connection.json }
connections:
  - space: acme-space
    name: office
    local: { address: 172.16.0.2, subnets: [172.16.0.0/16] }
YAML
cat >"$dir/connection.json" <<'JSON'
{"name":"office","status":"active","ike_version":1,"public_ip":"52.91.173.226","routable_cidrs":["172.16.0.0/16"],
 "space_cidr_block":"10.0.0.0/16","tunnels":[
 {"ip":"34.203.187.158","customer_ip":"52.91.173.226","pre_shared_key":"abcdef12345","status":"UP","status_message":"","last_status_change":""},
 {"ip":"34.227.70.143","customer_ip":"52.91.173.226","pre_shared_key":"123456abcdef","status":"UP","status_message":"","last_status_change":""}]}
JSON

fail() {
  echo "$1" >&2
  exit 1
}

# README's own commands, with the host's paths below $dir/host. It is built already, and there is no systemd.
follow_readme() {
  sed -n "/<!-- $1:begin -->/,/<!-- $1:end -->/p" README.md |
    sed -e '/```/d' -e '/<!--/d' -e '/npm ci/d' -e '/systemctl/d' -e "s# /# $dir/host/#g" >"$dir/$1.sh"
  grep -q 'cp .*/usr/lib/spacegate' "$dir/$1.sh" || fail "README.md has no commands between the markers $1:begin and $1:end"
  sh -eu "$dir/$1.sh"
}

installed() {
  (cd / && "$dir/host/usr/bin/spacegate" "$@")
}

works() {
  installed plan --config "$dir/config.yaml" --root "$dir/root" --json >"$dir/plan.json"
  grep -q '"change":"create".*conn spacegate.acme-space.office.2' "$dir/plan.json" || fail "plan does not create both conns"
  ! grep -q 'abcdef12345\|123456abcdef' "$dir/plan.json" || fail "plan shows a PSK"
  installed schema >"$dir/schema.json"
  grep -q poll_interval "$dir/schema.json" || fail "schema does not tell of poll_interval"
  installed monitoring --out "$dir/monitoring-$1" >"$dir/written"
  grep -q SpacegateTunnelDown "$dir/monitoring-$1/spacegate.rules.yml" || fail "the alert rules lack SpacegateTunnelDown"
}

mkdir -p "$dir/host/usr/bin" "$dir/host/etc/systemd/system"
follow_readme install
works installed
[ -f "$dir/host/etc/systemd/system/spacegate.service" ] || fail "the service's file is not installed"
touch "$dir/host/usr/lib/spacegate/dist/chunk-OLD.mjs"
follow_readme upgrade
works upgraded
[ ! -e "$dir/host/usr/lib/spacegate/dist/chunk-OLD.mjs" ] || fail "the upgrade leaves files of the version before"
echo "the bundle works as README.md installs and upgrades it"
