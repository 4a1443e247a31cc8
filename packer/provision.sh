#!/bin/sh
# Makes a gateway of a fresh Debian or Ubuntu, in the image's build and as root. Packer has put the package and files/ into
# /tmp/spacegate; everything else comes from the mirrors that the system is set up with. clean.sh takes out what the build left.
set -eu

UPLOADED=/tmp/spacegate
UNITS=/etc/systemd/system

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# A base may still be busy with its own first boot, with apt's locks in hand.
wait_for_first_boot() {
  cloud-init status --wait >/dev/null 2>&1 || true
  systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service
}

apt() {
  apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@"
}

# apt cannot read a package from a directory that only its owner may enter.
install_packages() {
  chmod 755 "$UPLOADED"
  apt update
  apt dist-upgrade
  apt install --no-install-recommends "$UPLOADED/spacegate.deb" apparmor cloud-init unattended-upgrades
}

put() {
  install -D -m 644 -o root -g root "$UPLOADED/files/$1" "$2"
}

put_settings() {
  put cloud-init.cfg /etc/cloud/cloud.cfg.d/90_spacegate.cfg
  put journald.conf /etc/systemd/journald.conf.d/50-spacegate.conf
  put modules.conf /etc/modules-load.d/spacegate.conf
  put resolved.conf /etc/systemd/resolved.conf.d/50-spacegate.conf
  put sshd.conf /etc/ssh/sshd_config.d/10-spacegate.conf
  put unattended-upgrades.conf /etc/apt/apt.conf.d/52spacegate
  # /etc/credstore is closed to everybody else before cloud-init puts a token there.
  install -d -m 700 -o root -g root /etc/credstore
  sshd -t
}

put_units() {
  put spacegate.service.conf "$UNITS/spacegate.service.d/50-cloud-init.conf"
  put spacegate-first-boot.service "$UNITS/spacegate-first-boot.service"
  put spacegate-reboot.service "$UNITS/spacegate-reboot.service"
  put spacegate-reboot.timer "$UNITS/spacegate-reboot.timer"
  systemctl daemon-reload
  systemctl enable apparmor.service spacegate.service spacegate-first-boot.service spacegate-reboot.timer
  systemctl enable apt-daily.timer apt-daily-upgrade.timer
}

# Nobody comes in with a password, not even where the base has set one, or none at all.
remove_passwords() {
  awk -F: '$2 == "" || $2 ~ /[$]/ { print $1 }' /etc/shadow | while read -r name; do
    usermod --password '*' "$name"
  done
}

wait_for_first_boot
install_packages
put_settings
put_units
remove_passwords
