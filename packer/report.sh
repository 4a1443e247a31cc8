#!/bin/sh
# Says what is in the image, as JSON, in memory: the image does not have it. Packages with their versions and sizes in KiB.
set -eu

packages=$(dpkg-query -W -f '"${Package}": ["${Version}", ${Installed-Size}]\n' | sed '$!s/$/,/')
# shellcheck source=/dev/null
system=$(. /etc/os-release && echo "$PRETTY_NAME")
kernel=$(find /boot -name 'vmlinuz-*' -printf '%f\n' | sort -V | tail -n 1)
used=$(df --block-size=1 --output=used / | tail -n 1)

cat >/run/spacegate-report.json <<END
{"system": "$system", "kernel": "${kernel#vmlinuz-}", "usedBytes": $used, "packages": {
$packages
}}
END
chmod 644 /run/spacegate-report.json
