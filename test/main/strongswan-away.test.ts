import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { gateway, MAIN, PSKS, TOKEN } from "./support.ts";

/**
 * A host of its own: empty /etc, /run and /var/lib, no network, and of strongSwan only what `prepare` puts there. $1 is node,
 * $2 the agent, $3 the settings, $4 a directory for programs.
 */
const HOST = `
  mount --make-rprivate /
  for directory in /etc /run /var/lib; do mount -t tmpfs tmpfs "$directory"; done
  [ ! -d /usr/lib/ipsec ] || mount -t tmpfs tmpfs /usr/lib/ipsec
  printf 'conn theirs\\n' >/etc/ipsec.conf
  PREPARE
  PATH=$4:/usr/bin:/bin
  for command in plan once; do
    code=0
    "$1" "$2" "$command" --config "$3" || code=$?
    echo "$command ended with $code"
  done
  echo "ipsec.conf: $(head -n 1 /etc/ipsec.conf)"
  [ -z "$listener" ] || kill "$listener"`;

/** A starter that takes every file, and an ipsec that says that strongSwan is stopped. */
const STOPPED = `
  printf '#!/bin/sh\\necho config OK\\n' >/usr/lib/ipsec/starter
  printf '#!/bin/sh\\nexit 7\\n' >"$4/ipsec"
  chmod +x /usr/lib/ipsec/starter "$4/ipsec"`;

const STALE_SOCKET = `"$1" -e 'require("net").createServer().listen("/run/charon.vici", () => process.kill(process.pid, "SIGKILL"))' || true`;

const REFUSING_SOCKET = `
  "$1" -e 'require("net").createServer((socket) => socket.destroy()).listen("/run/charon.vici")' &
  listener=$!
  while [ ! -S /run/charon.vici ]; do sleep 0.1; done`;

const on = async (prepare: string): Promise<string> => {
  const { directory, config } = await gateway();
  const namespaces = process.getuid?.() === 0 ? ["-mn"] : ["-rmn"];
  const script = HOST.replace("PREPARE", () => prepare);
  const { all } = await execa(
    "unshare",
    [...namespaces, "sh", "-ec", `listener=; ${script}`, "sh", process.execPath, MAIN, config, directory],
    {
      all: true,
      extendEnv: false,
      env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent" },
      timeout: 80_000,
    },
  );
  for (const secret of [...PSKS, TOKEN]) expect(all).not.toContain(secret);
  return all;
};

describe("once on a host", { timeout: 90_000 }, () => {
  it("without strongSwan says what to install, and leaves ipsec.conf", async () => {
    const said = await on("");
    expect(said).toContain("once ended with 1");
    expect(said).toContain("Install strongSwan: apt-get install strongswan-starter strongswan-charon strongswan-swanctl");
    expect(said).toContain("ipsec.conf: conn theirs");
  });

  it("whose charon is dead says how to start it", async () => {
    const said = await on(`${STOPPED}\n${STALE_SOCKET}`);
    expect(said).toContain("once ended with 1");
    expect(said).toMatch(/strongSwan's charon does not answer.*\n.*systemctl start strongswan-starter/);
  });

  it("whose charon refuses VICI says what brings it", async () => {
    const said = await on(`${STOPPED}\n${REFUSING_SOCKET}`);
    expect(said).toContain("once ended with 1");
    expect(said).toMatch(/strongSwan's charon does not answer.*\n.*install strongswan-swanctl/);
  });
});
