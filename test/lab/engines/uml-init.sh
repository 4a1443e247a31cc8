#!/bin/sh
# The first process of the user-mode Linux machine. Its root is the host's own, mounted read-only; LAB_* come from the
# kernel's command line. What the cells report goes to the first serial line, what the kernel says to the console.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=755 run /run
mount -t hostfs -o "$LAB_EXCHANGE" exchange "$LAB_EXCHANGE"
stty raw -echo </dev/ttyS0
exec >/dev/ttyS0

# The host may have no /lib/modules to mount upon, so modprobe is told where to look. The kernel loads nothing by itself: charon
# asks it for every cipher there is, and starter gives charon ten seconds to start.
mkdir -p /run/modules/lib
ln -s /usr/lib/uml/modules /run/modules/lib/modules
echo >/proc/sys/kernel/modprobe
modprobe -d /run/modules -a esp4 xfrm_user ip_vti veth tun sch_ingress sch_netem cls_matchall act_skbedit \
  authenc cbc hmac echainiv seqiv gcm ghash-generic ctr sha512_generic jitterentropy_rng drbg
# Some packets of a machine talk to itself even here.
ip link set lo up

cd "$LAB_PROJECT" || exit 1
for scenario in $(echo "$LAB_SCENARIOS" | tr , ' '); do
  sh test/lab/engines/cell.sh "$LAB_NODE" test/lab/cell.ts "$LAB_EXCHANGE" "$scenario"
done
# The serial line is emptied by the kernel in its own time.
sleep 0.2
echo o >/proc/sysrq-trigger
sleep 10
