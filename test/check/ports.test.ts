import { describe, expect, it } from "vitest";
import { gatherPorts, parseUdpTable } from "../../agent/check/ports.ts";
import { readerOf } from "./support.ts";

/** As a Linux 6.1 with charon printed it. */
const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  244: 00000000:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 42083 2 0000000000000000 0
  148: 00000000:1194 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 42084 2 0000000000000000 0
  300: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 9000 2 0000000000000000 0
`;

const files = { "/proc/net/udp": TABLE, "/proc/7/comm": "charon\n", "/proc/8/comm": "pluto\n" };

describe("parseUdpTable", () => {
  it("reads port and inode", () => {
    expect(parseUdpTable(TABLE)).toEqual([
      { port: 500, inode: "42083" },
      { port: 4500, inode: "42084" },
      { port: 53, inode: "9000" },
    ]);
  });
});

describe("gatherPorts", () => {
  it("names the process that has each port open", async () => {
    const reader = readerOf(files, {
      "/proc/7/fd/9": "socket:[42083]",
      "/proc/8/fd/3": "socket:[42084]",
      "/proc/7/fd/1": "/dev/null",
    });
    await expect(gatherPorts(reader, [500, 4500])).resolves.toEqual([
      { port: 500, pid: 7, name: "charon" },
      { port: 4500, pid: 8, name: "pluto" },
    ]);
  });

  it("tells one holder of a port over both IP versions once", async () => {
    const links = { "/proc/7/fd/9": "socket:[42083]", "/proc/7/fd/10": "socket:[50]" };
    const udp6 = TABLE.replace("00000000:01F4", `${"0".repeat(32)}:01F4`).replace("42083", "50");
    const holders = await gatherPorts(readerOf({ ...files, "/proc/net/udp6": udp6 }, links), [500]);
    expect(holders).toEqual([{ port: 500, pid: 7, name: "charon" }]);
  });

  it("leaves a holder open whom nobody but root can see", async () => {
    await expect(gatherPorts(readerOf(files), [500])).resolves.toEqual([{ port: 500, pid: undefined, name: "" }]);
  });

  it("rejects where /proc is not there", async () => {
    await expect(gatherPorts(readerOf({}), [500])).rejects.toThrow("/proc/net/udp cannot be read.");
  });
});
