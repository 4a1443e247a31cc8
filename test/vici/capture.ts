import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { encodeSegment } from "../../agent/vici/framer.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";

// Started by capture.sh inside the namespaces of a charon with the conns vpn1 (its peer answers) and vpn2 (its peer does not).
// Records what charon sends, byte for byte as it comes from the socket, without reading any of it.

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: capture.sh");

const save = (name: string, bytes: Buffer): void => {
  const lines = bytes.toString("base64").replace(/.{1,120}/g, "$&\n");
  writeFileSync(join(folder, `${name}.base64`), lines);
  console.log(`${name}: ${bytes.length} bytes`);
};

interface Recorder {
  send(...packets: Parameters<typeof encodeSegment>): void;
  /** What has come since the last call, once nothing has come for a while. */
  take(): Promise<Buffer>;
  end(): void;
}

const record = async (): Promise<Recorder> => {
  const socket: Socket = connect("/run/charon.vici");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    send: (packet) => socket.write(encodeSegment(packet)),
    take: async () => {
      await delay(700);
      return Buffer.concat(chunks.splice(0));
    },
    end: () => socket.destroy(),
  };
};

/** One connection, its registrations and commands at once (charon answers them in order), everything that it answered. */
const ask = async (name: string, command: string, message: ViciMessage = {}, event?: string): Promise<void> => {
  const recorder = await record();
  if (event) recorder.send({ kind: "register", name: event });
  recorder.send({ kind: "command", name: command, message });
  save(name, await recorder.take());
  recorder.end();
};

const ipsec = (...args: string[]): string => execFileSync("ipsec", args, { encoding: "utf8" });

await ask("version", "version");
await ask("stats", "stats");
await ask("get-algorithms", "get-algorithms");
await ask("list-conns", "list-conns", {}, "list-conn");
await ask("list-sas-empty", "list-sas", {}, "list-sa");
await ask("command-unknown", "no-such-command");
await ask("event-unknown", "version", {}, "no-such-event");
await ask("alert", "version", {}, "alert");
await ask("error-initiate", "initiate", { child: "no-such-child", timeout: "1000" });
await ask("error-terminate", "terminate", { ike: "no-such-ike", timeout: "1000" });
await ask("error-terminate-id", "terminate", { "ike-id": "4711", timeout: "1000" });
await ask("error-rekey", "rekey", { child: "no-such-child" });
await ask("error-unload-conn", "unload-conn", { name: "vpn1" });
await ask("error-load-conn", "load-conn", { probe: { version: "1", proposals: ["aes256-sha2-modp2048"] } });
await ask("load-conn", "load-conn", { probe: { version: "1", proposals: ["aes256-sha256-modp2048"] } });
await ask("unload-conn", "unload-conn", { name: "probe" });

const events = await record();
for (const name of ["ike-updown", "child-updown", "ike-rekey", "child-rekey", "ike-update"])
  events.send({ kind: "register", name });
await events.take();
await ask("initiate", "initiate", { child: "vpn1", ike: "vpn1", timeout: "5000" }, "control-log");
save("events-up", await events.take());
await ask("rekey", "rekey", { child: "vpn1" });
await delay(1000);
save("events-rekey", await events.take());
execFileSync("ping", ["-q", "-c", "3", "-i", "0.2", "-I", "172.16.0.2", "10.0.0.10"]);
ipsec("stroke", "up-nb", "vpn2");
await delay(500);
await ask("list-sas", "list-sas", {}, "list-sa");
writeFileSync(join(folder, "statusall.txt"), ipsec("statusall"));
writeFileSync(join(folder, "status.txt"), ipsec("status"));
await ask("terminate-vpn2", "terminate", { ike: "vpn2", force: "yes", timeout: "1000" });
await ask("terminate", "terminate", { ike: "vpn1", timeout: "5000" });
save("events-down", await events.take());
events.end();
writeFileSync(join(folder, "statusall-no-sas.txt"), ipsec("statusall"));
ipsec("stop");
