import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type RawSettings, sampleSettings } from "../lab/agent.ts";
import { steered } from "../lab/failover.ts";
import type { Processes } from "../lab/processes.ts";
import { SAMPLE } from "../lab/sample.ts";
import { CARDS, MANAGEMENT } from "./networks.ts";

/** Of the stand-in for Heroku, on this machine and on the gateway: the agent speaks plain HTTP to its own loopback only. */
export const HEROKU_PORT = 5055;

/** Says since when both tunnels pass, in seconds since the kernel's start, once they do. */
export const PASSING_FILE = "/run/first-passing";

/** What every scenario of the lab that runs here starts with. */
export const SETTINGS: RawSettings = steered(sampleSettings("platform-api", "vti"));

// perl takes less of a slow machine's time than curl, started again and again. One line: systemd reads a transient unit's
// description, which is the command, again with each daemon-reload.
const WATCH = `
use IO::Socket::INET;
for (;;) {
  if (my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:9747", Timeout => 5)) {
    print $s "GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n";
    my $body = join "", <$s>;
    last if 2 == (() = $body =~ /"passing":true/g);
  }
  select undef, undef, undef, 0.5;
}
open my $up, "<", "/proc/uptime"; my ($now) = split / /, <$up>;
open my $out, ">", "${PASSING_FILE}.new"; print $out $now; close $out; rename "${PASSING_FILE}.new", "${PASSING_FILE}";
`.replaceAll("\n", " ");

const FORWARD = [
  ...["systemd-run", "--quiet", "--no-block", "--unit=stand-in"],
  ...["systemd-socket-activate", "--listen", `127.0.0.1:${HEROKU_PORT}`],
  ...["/usr/lib/systemd/systemd-socket-proxyd", `${MANAGEMENT.host}:${HEROKU_PORT}`],
];

/** `key`: a public SSH key that lets the test in. */
const userData = (key: string): RawSettings => ({
  hostname: "gateway",
  disable_root: false,
  users: [{ name: "root", ssh_authorized_keys: [key] }],
  write_files: [
    { path: "/etc/spacegate/config.yaml", content: stringify(SETTINGS) },
    { path: "/etc/credstore/heroku-api-key", content: SAMPLE.token, permissions: "0600" },
  ],
  // At each boot: the way to the stand-in, which is no part of a gateway, and the stop-watch.
  bootcmd: [
    FORWARD,
    ["systemctl", "set-environment", `HEROKU_HOST=http://127.0.0.1:${HEROKU_PORT}`],
    ["systemd-run", "--quiet", "--no-block", "--unit=stop-watch", "perl", "-e", WATCH],
  ],
});

const network = {
  version: 2,
  ethernets: Object.fromEntries(
    CARDS.map(({ name, mac, address }) => [
      name,
      {
        match: { macaddress: mac },
        "set-name": name,
        addresses: [address],
        // Else the network is online only after twelve seconds without a router.
        "accept-ra": false,
        ...(name === "wan0" ? { routes: [{ to: "0.0.0.0/0", via: "203.0.113.1" }] } : {}),
      },
    ]),
  ),
};

/** Writes the disk that hands a gateway its settings at the first boot; returns its path. */
export const makeSeed = async (work: string, key: string, processes: Processes): Promise<string> => {
  const file = (name: string): string => join(work, name);
  // JSON is YAML too, and old readers of YAML take an unquoted 52:54:00:00:00:01 for a number.
  await writeFile(file("user-data"), `#cloud-config\n${JSON.stringify(userData(key))}`, { mode: 0o600 });
  await writeFile(file("meta-data"), "instance-id: image-test\n");
  await writeFile(file("network"), JSON.stringify(network));
  await processes.run(["cloud-localds", "-N", file("network"), file("seed.img"), file("user-data"), file("meta-data")]);
  return file("seed.img");
};
