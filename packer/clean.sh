#!/bin/sh
# Takes out of the image what its build has left: whatever belongs to one machine, to the build or to a moment. As root, and as the
# last change: afterwards nobody comes in any more. check.sh looks whether anything was forgotten.
set -eu

export DEBIAN_FRONTEND=noninteractive

packages() {
  apt-get -q -y autoremove --purge
  apt-get clean
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old
}

# cloud-init makes new ones for each machine: host keys, name, users, network.
identity() {
  cloud-init clean --logs --seed
  rm -rf /var/lib/cloud
  rm -f /etc/ssh/ssh_host_* /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init
  rm -f /etc/sudoers.d/90-cloud-init-users
  : >/etc/machine-id
  [ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
  echo gateway >/etc/hostname
  # Its stop would write a new seed, the same for all machines.
  systemctl stop systemd-random-seed.service
  rm -f /var/lib/systemd/random-seed
}

# Of root and of the build's user alike.
homes() {
  for home in /root /home/*; do
    rm -rf "$home/.ssh" "$home/.cache"
    rm -f "$home"/.*_history "$home/.lesshst" "$home/.viminfo" "$home/.wget-hsts" "$home/.sudo_as_admin_successful"
  done
}

# The journal goes on in memory, so that the shutdown writes nothing either.
logs() {
  journalctl --relinquish-var
  rm -rf /var/log/journal/*
  find /var/log -type f ! -name wtmp ! -name btmp ! -name lastlog -delete
  find /var/log -type f -exec truncate -s 0 {} +
}

temporary() {
  rm -rf /tmp/spacegate /var/tmp/*
  rm -rf /var/lib/dhcp/* /var/lib/systemd/timers/* /var/lib/systemd/timesync/* /var/lib/sudo/lectured
  rm -rf /var/lib/unattended-upgrades/* /var/backups/*
}

packages
identity
homes
logs
temporary
# What was deleted takes no room in the image either.
fstrim / || true
sync
