#!/bin/sh
# The bundle works as the sources do: it plans the documented connection below an empty root, and finds its templates.
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
node dist/spacegate.mjs plan --config "$dir/config.yaml" --root "$dir/root" --json >"$dir/plan.json"
grep -q '"change":"create"' "$dir/plan.json"
grep -q 'conn spacegate.acme-space.office.2' "$dir/plan.json"
! grep -q 'abcdef12345\|123456abcdef' "$dir/plan.json"
node dist/spacegate.mjs schema | grep -q poll_interval
node dist/spacegate.mjs monitoring --out "$dir/monitoring" >/dev/null
grep -q SpacegateTunnelDown "$dir/monitoring/spacegate.rules.yml"
echo "the bundle plans as the sources do"
