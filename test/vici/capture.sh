#!/bin/sh
# Captures the golden bytes in fixtures/ from a real charon: two strongSwans in network namespaces of their own, ESP in
# userspace (kernel-libipsec), with the documentation's sample values. Needs root and the packages strongswan-starter,
# strongswan-charon, strongswan-swanctl and libcharon-extra-plugins. Nothing leaves the machine; all is removed at the end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
gw=spacegate-cap-gw peer=spacegate-cap-peer
pids=

clean_up() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  ip netns del $gw 2>/dev/null || true
  ip netns del $peer 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# side NAME OWN_ADDRESS PEER_ADDRESS INNER_ADDRESS
side() {
  ip -n "$1" addr add "$2" peer "$3" dev eth0
  ip -n "$1" addr add "$4/32" dev lo
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  mkdir "$work/$1"
  cat >"$work/$1/strongswan.conf" <<CONF
charon {
  load = random nonce aes sha1 sha2 hmac kdf pem x509 gmp drbg xcbc stroke vici kernel-libipsec kernel-netlink socket-default updown
  block_threshold = 0
}
CONF
}

# start NAME: a strongSwan that sees its own /run and its own configuration
start() {
  ip netns exec "$1" unshare -m sh -ec '
    mount -t tmpfs tmpfs /run
    for file in strongswan.conf ipsec.conf ipsec.secrets; do mount --bind "$1/$file" "/etc/$file"; done
    exec ipsec start --nofork' - "$work/$1" >"$work/$1/log" 2>&1 &
  pids="$pids $!"
}

ip netns add $gw
ip netns add $peer
ip -n $gw link add eth0 type veth peer name eth0 netns $peer
side $gw 203.0.113.10 34.203.187.158 172.16.0.2
side $peer 34.203.187.158 203.0.113.10 10.0.0.10
ip -n $gw route add 34.227.70.143 dev eth0

cat >"$work/$gw/ipsec.conf" <<'CONF'
config setup
  strictcrlpolicy=no
  uniqueids=no
conn %default
  type=tunnel
  compress=no
  keyexchange=ikev1
  ike=aes256-sha256-modp2048!
  esp=aes256-sha256-modp2048!
  ikelifetime=28800s
  lifetime=3600s
  authby=psk
  left=203.0.113.10
  leftid=203.0.113.10
  leftsubnet=172.16.0.0/16
  rightsubnet=10.0.0.0/16
  dpddelay=10s
  dpdtimeout=30s
  dpdaction=restart
  keyingtries=%forever
  auto=add
conn vpn1
  right=34.203.187.158
  rightid=34.203.187.158
conn vpn2
  right=34.227.70.143
  rightid=34.227.70.143
  mark=102
CONF
cat >"$work/$peer/ipsec.conf" <<'CONF'
config setup
  uniqueids=no
conn gateway
  keyexchange=ikev1
  ike=aes256-sha256-modp2048!
  esp=aes256-sha256-modp2048!
  authby=psk
  left=34.203.187.158
  leftsubnet=10.0.0.0/16
  right=203.0.113.10
  rightsubnet=172.16.0.0/16
  auto=add
CONF
psk1=$(printf abcdef12345 | base64) psk2=$(printf 123456abcdef | base64)
printf '203.0.113.10 34.203.187.158 : PSK 0s%s\n203.0.113.10 34.227.70.143 : PSK 0s%s\n' "$psk1" "$psk2" >"$work/$gw/ipsec.secrets"
printf '34.203.187.158 203.0.113.10 : PSK 0s%s\n' "$psk1" >"$work/$peer/ipsec.secrets"
start $peer
start $gw
sleep 3

charon=$(ip netns pids $gw | while read -r pid; do [ "$(cat /proc/"$pid"/comm)" = charon ] && echo "$pid"; done)
nsenter -t "$charon" -m -n -- node "$here/capture.ts" "$here/fixtures"
