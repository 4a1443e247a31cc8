#!/bin/sh
# Captures in fixtures/ what a real charon says about tunnels that do not come up: two strongSwans in network namespaces of
# their own, ESP in userspace (kernel-libipsec). Needs root and the packages strongswan-starter, strongswan-charon,
# strongswan-swanctl and libcharon-extra-plugins. Nothing leaves the machine; all is removed at the end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
gw=spacegate-why-gw peer=spacegate-why-peer
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

# side NAME
side() {
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  mkdir "$work/$1"
  cat >"$work/$1/strongswan.conf" <<CONF
charon {
  load = random nonce aes sha1 sha2 hmac kdf pem x509 gmp drbg xcbc stroke vici kernel-libipsec kernel-netlink socket-default updown
  block_threshold = 0
  cookie_threshold = 0
}
CONF
  printf 'config setup\n  uniqueids=no\n' >"$work/$1/ipsec.conf"
  : >"$work/$1/ipsec.secrets"
}

# start NAME: a strongSwan that sees its own /run and its own configuration
start() {
  ip netns exec "$1" unshare -m sh -ec '
    mount -t tmpfs tmpfs /run
    for file in strongswan.conf ipsec.conf ipsec.secrets; do mount --bind "$1/$file" "/etc/$file"; done
    exec ipsec start --nofork' - "$work/$1" >"$work/$1/log" 2>&1 &
  pids="$pids $!"
}

# conn NAME VERSION LEFT LEFTSUBNET RIGHT RIGHTSUBNET LINES >FILE
conn() {
  printf 'conn %s\n  keyexchange=ikev%s\n  left=%s\n  leftid=%s\n  leftsubnet=%s\n  right=%s\n  rightid=%s\n  rightsubnet=%s\n' \
    "$1" "$2" "$3" "$3" "$4" "$5" "$5" "$6"
  printf '  authby=psk\n  auto=add\n  ike=aes256-sha256-modp2048!\n  esp=aes256-sha256-modp2048!\n%b' "$7"
}

own=203.0.113.10
# charon takes a PSK of another pair when only one of the two addresses fits, so who has none needs an address of its own.
bare=203.0.113.11
names=

# tunnel NAME NUMBER GATEWAY'S_PSK GATEWAY'S_LINES PEER'S_LINES: both ends of a tunnel, with IKEv1 and with IKEv2; they agree
# unless the lines say otherwise. Without a PSK the gateway has none.
tunnel() {
  for version in 1 2; do
    remote=192.0.2.$(($2 * 2 + version))
    name=ikev$version-$1
    names="$names $name"
    ip -n $peer addr add "$remote/32" dev lo
    ip -n $peer addr add "10.$2.$version.1/32" dev lo
    conn "$name" $version $own 172.16.0.0/16 "$remote" "10.$2.$version.0/24" "$4" >>"$work/$gw/ipsec.conf"
    conn "$name" $version "$remote" "10.$2.$version.0/24" $own 172.16.0.0/16 "$5" >>"$work/$peer/ipsec.conf"
    [ -z "$3" ] || printf '%s %s : PSK "%s"\n' $own "$remote" "$3" >>"$work/$gw/ipsec.secrets"
    printf '%s %s : PSK "abcdef12345"\n' "$remote" $own >>"$work/$peer/ipsec.secrets"
  done
}

ip netns add $gw
ip netns add $peer
ip -n $gw link add eth0 type veth peer name eth0 netns $peer
ip -n $gw addr add $own/32 dev eth0
ip -n $gw addr add $bare/32 dev eth0
ip -n $gw addr add 172.16.0.2/32 dev lo
ip -n $peer addr add 198.51.100.1/32 dev eth0
side $gw
side $peer
ip -n $gw route add 192.0.2.0/24 dev eth0
ip -n $peer route add 203.0.113.0/24 dev eth0

right=abcdef12345
mine='  mobike=no\n'
tunnel up 1 $right "$mine" "$mine"
tunnel wrong-psk 2 another-psk "$mine" "$mine"
tunnel no-psk 3 "" "$mine  left=$bare\n  leftid=$bare\n" "$mine  right=$bare\n  rightid=$bare\n"
tunnel other-ike-proposal 4 $right "$mine  ike=aes128-sha1-modp1536!\n" "$mine"
tunnel other-esp-proposal 5 $right "$mine  esp=aes128-sha1-modp1536!\n" "$mine"
tunnel other-selectors 6 $right "$mine  leftsubnet=172.17.0.0/16\n" "$mine"
tunnel other-identity 7 $right "$mine" "$mine  rightid=203.0.113.99\n"
tunnel silent-4500 8 $right "$mine  forceencaps=yes\n" "$mine"
tunnel silent-500 9 $right "$mine" "$mine"
tunnel own-other-identity 10 $right "$mine  rightid=192.0.2.99\n" "$mine"
ip -n $peer rule add pref 10 lookup local
ip -n $peer rule del pref 0
for version in 1 2; do
  ip -n $peer rule add pref 5 to 192.0.2.$((16 + version)) ipproto udp dport 4500 blackhole
  ip -n $peer addr del 192.0.2.$((18 + version))/32 dev lo
done

start $peer
start $gw
sleep 3

charon=$(ip netns pids $gw | while read -r pid; do [ "$(cat /proc/"$pid"/comm)" = charon ] && echo "$pid"; done)

# try NAME: charon's verdict on the first line (empty for a tunnel that came up), the log lines of the try below.
try() {
  nsenter -t "$charon" -m -n -- swanctl --initiate --ike "$1" --child "$1" --timeout 10 >"$work/$1" 2>&1 || true
  nsenter -t "$charon" -m -n -- swanctl --terminate --ike "$1" --force --timeout 1 >"$work/$1.end" 2>&1 || true
  {
    sed -n 's/^initiate failed: //p' "$work/$1" | grep . || echo
    sed -n 's/^\[[A-Z]*\] //p' "$work/$1"
  } >"$here/fixtures/$1.txt"
  echo "$1: $(head -n 1 "$here/fixtures/$1.txt")"
}

# Each blocks one of charon's 16 threads.
# shellcheck disable=SC2086
set -- $names
while [ $# -gt 0 ]; do
  tries=
  for _ in 1 2 3 4; do
    [ $# -gt 0 ] || break
    try "$1" &
    tries="$tries $!"
    shift
  done
  for each in $tries; do wait "$each"; done
done
