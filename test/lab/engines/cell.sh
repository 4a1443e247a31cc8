#!/bin/sh
# A cell: one scenario's own world. Its processes, mounts and network namespaces exist nowhere else and end with its first
# process, so that nothing can be left behind, however the lab ends. Usage: cell.sh COMMAND…
#
# The shell in the middle is the cell's process 1: it takes in the orphans of daemons, which Node would leave as zombies
# that `ipsec stop` waits for.
exec unshare --mount --propagation private --pid --net --fork --kill-child --mount-proc -- sh -c '
  set -e
  mount -t tmpfs -o mode=755 lab /run
  mkdir -p /run/netns /run/lab/tmp
  ip netns attach gw $$
  "$@" &
  wait $!
' cell "$@"
