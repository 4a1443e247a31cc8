import { describe, expect, it } from "vitest";
import { CHECKS } from "../../agent/check/checks.ts";
import type { FactName } from "../../agent/check/facts.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { Secret } from "../../agent/lib/secret.ts";
import type { Warning } from "../../agent/model/status.ts";
import { connectionStatus, DOWN, gatewayStatus, tunnelStatus } from "../expose/support.ts";
import { childUp, ikeUp, sample, sampleConnection, sampleEntry, sampleSettings, sampleTunnel, tunnelOf } from "../sample.ts";
import {
  factsWith,
  healthyAnswers,
  healthyOutlook,
  KEY,
  linesOf,
  REF,
  REMOTE_1,
  REMOTE_2,
  reportWith,
  troubles,
} from "./support.ts";

const warning = (code: string, changes: Partial<Warning> = {}): Warning => ({
  code,
  severity: "warning",
  title: "A title",
  text: `${code} holds`,
  fix: `end ${code}`,
  since: 1,
  ...changes,
});

const withWarning = (code: string, changes: Partial<Warning> = {}) => ({
  outlook: { ...healthyOutlook, warnings: [warning(code, changes)] },
});

const problem = (field: string, severity: "error" | "warning") => ({
  outlook: { ...healthyOutlook, problems: [{ connection: KEY, severity, field, text: `${field} is wrong`, fix: "Mend it." }] },
});

const silent = (...which: string[]) => ({
  udpAnswers: healthyAnswers.map((answer) => ({ ...answer, answered: !which.includes(`${answer.index} ${answer.port}`) })),
});

const up = (changes: { encap?: boolean; useInS?: number } = {}) => {
  const tunnel = tunnelOf(sample(), 2);
  return { ...healthyOutlook, sas: [ikeUp(tunnel, { childSas: [childUp(tunnel, changes)] })] };
};

describe("the declared checks", () => {
  it("have codes of their own", () => {
    const codes = CHECKS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("find nothing on a healthy gateway", () => {
    const report = reportWith();
    expect(troubles(report)).toEqual([]);
    expect(report.ok).toBe(true);
  });

  it("do not pass when what they need is not known", () => {
    for (const { code, needs, judge } of CHECKS)
      for (const name of needs)
        expect(
          judge(factsWith({ [name]: undefined } as { [N in FactName]?: undefined })).map(({ status }) => status),
          `${code} without ${name}`,
        ).toEqual(["skipped"]);
  });

  it("have a fix for every failure", () => {
    const everything = reportWith({
      ...withWarning("charon-absent"),
      strongswan: null,
      modules: { esp4: false, ip_vti: false },
      conntrack: { count: 1, max: 1 },
      routes: [],
      ...silent("1 500", "2 4500"),
    });
    for (const { status, fix, code } of everything.results) expect(status === "failed" && !fix, code).toBe(false);
  });
});

describe("Heroku's checks", () => {
  it("tell a refused token in the source's words", () => {
    const error = new SpacegateError("SOURCE_UNAUTHORIZED", "Heroku refuses the token", { fix: "Make a new one." });
    expect(troubles(reportWith({ sources: [{ ref: REF, error }] }))).toEqual(["failed source-failed: Heroku refuses the token"]);
  });

  it("believe the running agent where the shell has no token", () => {
    const sources = [{ ref: REF, connection: sampleConnection(), origin: "last-good-copy", confirmedAt: 1 }] as const;
    expect(linesOf(reportWith({ sources }), "source-failed")).toEqual([
      "ok source-failed: the running agent gets them; this shell has no token",
    ]);
  });

  it("tell a connection that Heroku has not finished", () => {
    expect(troubles(reportWith(withWarning("connection-waiting", { connection: KEY })))).toEqual([
      "failed connection-waiting: connection-waiting holds",
    ]);
  });

  it("tell another public address than Heroku's", () => {
    expect(troubles(reportWith(problem("tunnels[0].customer_ip", "warning")))).toEqual([
      "failed public-address-differs: tunnels[0].customer_ip is wrong",
    ]);
  });

  it("hold public_ip against the host where the tunnels say no customer_ip", () => {
    const connection = sampleConnection({ tunnels: [sampleTunnel(1, { customerIp: "" }), sampleTunnel(2, { customerIp: "" })] });
    const sources = [{ ref: REF, connection, origin: "source" as const, confirmedAt: 1 }];
    const at = (address: string) => ({ sources, publicAddresses: [{ ref: REF, addresses: [address], from: "EC2's metadata" }] });
    expect(troubles(reportWith(at("52.1.1.1")))).toEqual([
      "failed public-address-differs: Heroku expects this gateway at 52.91.173.226, but its public address is 52.1.1.1.",
    ]);
    expect(troubles(reportWith(at("52.91.173.226")))).toEqual([]);
  });

  it("have nothing to hold against the host where Heroku names no address at all", () => {
    const tunnels = [sampleTunnel(1, { customerIp: "" }), sampleTunnel(2, { customerIp: "" })];
    const connection = sampleConnection({ publicIp: "", tunnels });
    const sources = [{ ref: REF, connection, origin: "source" as const, confirmedAt: 1 }];
    expect(linesOf(reportWith({ sources }), "public-address-differs")).toEqual([
      "skipped public-address-differs: Heroku does not say where it expects this gateway.",
    ]);
  });

  it("do not guess the public address of a host that cannot know it", () => {
    expect(linesOf(reportWith({ publicAddresses: [] }), "public-address-differs")).toEqual([
      "skipped public-address-differs: Heroku has 52.91.173.226; this host does not know its own.",
    ]);
  });

  it("say that there is NAT in between", () => {
    expect(linesOf(reportWith(), "public-address-differs")[0]).toContain(
      "52.91.173.226 stands in front of this host's private address 172.16.0.2: ESP travels in UDP 4500",
    );
  });

  it("fail for networks that do not fit, and only warn of those that may not", () => {
    expect(troubles(reportWith(problem("local.subnets", "error")))).toEqual([
      "failed connection-refused: local.subnets is wrong",
    ]);
    expect(troubles(reportWith(problem("local.subnets", "warning")))).toEqual([
      "warning connection-refused: local.subnets is wrong",
    ]);
    expect(reportWith(problem("local.subnets", "warning")).ok).toBe(true);
  });

  it.each([
    [59_000, []],
    [61_000, ["failed clock-wrong: This host's clock is 1m 1s ahead of api.heroku.com's."]],
    [-3_600_000, ["failed clock-wrong: This host's clock is 1h behind api.heroku.com's."]],
  ])("judge a clock that is %i ms away", (offsetMs, expected) => {
    expect(troubles(reportWith({ clock: { offsetMs, against: "api.heroku.com" } }))).toEqual(expected);
  });
});

describe("strongSwan's checks", () => {
  it.each([
    ["5.9.4", false],
    ["5.8.12", false],
    ["4.10.9", false],
    ["5.9.5", true],
    ["5.9.14", true],
    ["6.0.1", true],
  ])("judge version %s", (strongswan, fine) => {
    expect(reportWith({ strongswan }).ok).toBe(fine);
  });

  it("tell an absent strongSwan as the cause of an absent charon", () => {
    const absent = { ...withWarning("charon-absent"), strongswan: null, charon: undefined };
    const report = reportWith({ ...absent, outlook: { ...absent.outlook, charon: "absent" } });
    expect(troubles(report)).toEqual(["failed strongswan-old: The command `ipsec` is not there: strongSwan is not installed."]);
  });

  it("name who has charon's ports", () => {
    const ports = [{ port: 500, pid: 99, name: "pluto" }];
    expect(troubles(reportWith({ ports }))).toEqual([
      "failed ports-taken: Another program has charon's ports: UDP 500 by pluto (process 99).",
    ]);
  });

  it("do not blame anybody whom only root can see", () => {
    const ports = [{ port: 500, pid: undefined, name: "" }];
    expect(linesOf(reportWith({ ports }), "ports-taken")).toEqual([
      "skipped ports-taken: Only root can see who has UDP 500 and 4500.",
    ]);
  });

  it("do not expect charon before an agent that starts it", () => {
    const outlook = { ...withWarning("charon-absent").outlook, charon: "absent", standalone: true };
    expect(troubles(reportWith({ outlook }))).toEqual([]);
  });

  it("tell charon without VICI", () => {
    expect(troubles(reportWith(withWarning("vici-absent")))).toEqual(["failed vici-absent: vici-absent holds"]);
  });

  it("tell missing plugins", () => {
    const charon = { plugins: ["vici", "kernel-netlink"], algorithms: new Map() };
    expect(linesOf(reportWith({ charon }), "plugins-missing")).toEqual([
      "failed plugins-missing: charon runs without stroke, socket-default or socket-dynamic.",
    ]);
  });

  it("tell missing algorithms of the proposals in use", () => {
    const settings = sampleSettings([sampleEntry({ proposals: { ike: "aes256-sha384-ecp384", esp: "aes256gcm16-modp2048" } })]);
    expect(troubles(reportWith({ settings }))).toEqual([
      "failed algorithms-missing: charon does not implement HMAC_SHA2_384_192, PRF_HMAC_SHA2_384, ECP_384, AES_GCM_16, which aes256-sha384-ecp384, aes256gcm16-modp2048 asks for.",
    ]);
  });
});

describe("the kernel's checks", () => {
  const routing = (value: string) => sampleSettings([sampleEntry({ routing: value })]);

  it("accept that charon does ESP itself", () => {
    const charon = { plugins: ["stroke", "vici", "kernel-netlink", "kernel-libipsec", "socket-default"], algorithms: new Map() };
    const report = reportWith({ charon, modules: { esp4: false, ip_vti: false }, settings: routing("policy") });
    expect(linesOf(report, "esp-missing")).toEqual(["ok esp-missing: charon does ESP itself (kernel-libipsec)"]);
  });

  it("fail without VTI only where the settings insist on it", () => {
    const modules = { esp4: true, ip_vti: false };
    expect(linesOf(reportWith({ modules, settings: routing("vti") }), "vti-missing")[0]).toMatch(/^failed/);
    expect(linesOf(reportWith({ modules, settings: routing("auto") }), "vti-missing")[0]).toMatch(/^warning/);
    expect(linesOf(reportWith({ modules, settings: routing("policy") }), "vti-missing")[0]).toMatch(/^skipped/);
  });

  it("tell a kernel that does not forward in the warning's words", () => {
    expect(troubles(reportWith({ ...withWarning("ip-forward-off"), ipForward: false }))).toEqual([
      "failed ip-forward-off: ip-forward-off holds",
    ]);
  });

  it("leave a kernel that does not forward yet to the agent, which sees to it", () => {
    expect(troubles(reportWith({ ipForward: false }))).toEqual([]);
  });

  it("tell a firewall that cannot be loaded in the warning's words", () => {
    expect(troubles(reportWith(withWarning("firewall-failed")))).toEqual(["failed firewall-failed: firewall-failed holds"]);
  });

  it("tell a strict reverse path filter, and accept a loose one", () => {
    const reversePaths = [
      { dev: "sgvti1", mode: 1 },
      { dev: "sgvti2", mode: 2 },
    ];
    expect(troubles(reportWith({ reversePaths }))).toEqual([
      "failed rp-filter-strict: rp_filter is strict on sgvti1: answers that come back by the other tunnel are dropped.",
    ]);
  });

  it("tell a connection table that is almost full", () => {
    expect(troubles(reportWith({ conntrack: { count: 899, max: 1000 } }))).toEqual([]);
    expect(troubles(reportWith({ conntrack: { count: 900, max: 1000 } }))).toEqual([
      "failed conntrack-full: The kernel tracks 900 of 1000 connections: new ones are about to be dropped.",
    ]);
  });
});

describe("the checks of the way to Heroku", () => {
  it("tell a tunnel whose own address this host does not have", () => {
    expect(troubles(reportWith({ addresses: ["172.16.0.3"] }))).toEqual(
      [1, 2].map(
        (n) => `failed local-address-gone ${n}: This host no longer has the address 172.16.0.2, which the tunnel starts from.`,
      ),
    );
  });

  it("tell a VPN gateway that does not answer, and not twice when neither port does", () => {
    expect(troubles(reportWith(silent("1 500", "1 4500")))).toEqual([
      `failed no-answer-500 1: ${REMOTE_1} does not answer on UDP 500.`,
    ]);
    expect(troubles(reportWith(silent("2 4500")))).toEqual([
      `failed no-answer-4500 2: ${REMOTE_2} answers on UDP 500 but not on UDP 4500.`,
    ]);
  });

  it("believe packets that come in more than a stranger's unanswered question", () => {
    const outlook = up({ encap: true, useInS: 1 });
    expect(troubles(reportWith({ ...silent("2 500", "2 4500"), outlook }))).toEqual([]);
  });

  it("do not believe an SA that has been silent", () => {
    const outlook = up({ encap: true, useInS: 10 });
    expect(troubles(reportWith({ ...silent("2 500"), outlook }))).toHaveLength(1);
  });

  it("only warn of UDP 4500 while the tunnel works without it", () => {
    const outlook = up({ encap: false, useInS: 1 });
    const report = reportWith({ ...silent("2 4500"), outlook });
    expect(report.ok).toBe(true);
    expect(troubles(report)).toHaveLength(1);
  });

  it("tell large packets that are lost, with the MSS that would fit", () => {
    const pathMtus = [{ ref: REF, index: 2 as const, target: "10.0.0.10", expected: 1419, bytes: 1230 }];
    const [result] = reportWith({ pathMtus }).results.filter(({ code }) => code === "mtu-small");
    expect(result).toMatchObject({ status: "failed", tunnel: 2, fix: expect.stringContaining("maxseg size set 1190") });
  });

  it("tell TCP segments that are larger than what passes, unless small packets explain it", () => {
    const tcpMss = [{ ref: REF, index: 1 as const, mss: 1380 }];
    expect(troubles(reportWith({ tcpMss }))).toEqual([
      "failed mss-large 1: TCP agreed on segments of 1380 bytes, but 1379 is the most that passes: connections open and then hang.",
    ]);
    const pathMtus = [{ ref: REF, index: 1 as const, target: "10.0.0.10", expected: 1419, bytes: 1230 }];
    expect(troubles(reportWith({ tcpMss, pathMtus })).map((line) => line.split(":")[0])).toEqual(["failed mtu-small 1"]);
  });

  it("do not judge a tunnel whose target does not answer pings", () => {
    const pathMtus = [{ ref: REF, index: 1 as const, target: "10.0.0.10", expected: 1419, bytes: null }];
    expect(linesOf(reportWith({ pathMtus }), "mtu-small")[0]).toMatch(/^skipped mtu-small 1: 10\.0\.0\.10 does not answer pings/);
  });
});

describe("the host's checks", () => {
  it.each([
    [{ mode: 0o600, uid: 0, owners: false }, true],
    [{ mode: 0o640, uid: 0, owners: false }, false],
    [{ mode: 0o600, uid: 1000, owners: false }, false],
    [{ mode: 0o640, uid: 0, owners: true }, true],
    [{ mode: 0o644, uid: 0, owners: true }, false],
  ])("judge a secret file with %o", (file, fine) => {
    expect(reportWith({ secretFiles: [{ path: "/x", ...file }] }).ok).toBe(fine);
  });

  it("tell every file that is open", () => {
    const secretFiles = ["/a", "/b"].map((path) => ({ path, mode: 0o644, uid: 0, owners: false }));
    expect(troubles(reportWith({ secretFiles }))).toHaveLength(2);
  });

  it("tell what AppArmor keeps charon from, and nothing when the profile only complains", () => {
    const rules = "  /etc/strongswan.d/** r,\n  /run/charon.* rw,";
    const name = "/usr/lib/ipsec/charon";
    expect(troubles(reportWith({ apparmor: [{ name, mode: "enforce", rules }] }))).toEqual([
      "failed apparmor-denies: AppArmor keeps /usr/lib/ipsec/charon from /etc/ipsec.secrets.",
    ]);
    expect(reportWith({ apparmor: [{ name, mode: "complain", rules }] }).ok).toBe(true);
    expect(linesOf(reportWith({ apparmor: [{ name, mode: "enforce", rules: undefined }] }), "apparmor-denies")[0]).toMatch(
      /^skipped/,
    );
  });

  it("tell a local network without a way back", () => {
    expect(troubles(reportWith({ routes: [{ dst: "0.0.0.0/0", dev: "wan0", gateway: "203.0.113.1" }] }))).toEqual([
      "failed no-route-back: This host has no route to 172.16.0.0/16: what the space sends there does not arrive.",
    ]);
  });

  it("say how to ask EC2 what an instance cannot see, and do not pretend to know", () => {
    const [result] = reportWith({ ec2: { instanceId: "i-0abc", publicAddress: undefined } }).results.filter(
      ({ code }) => code === "source-dest-check",
    );
    expect(result).toMatchObject({ status: "skipped", fix: expect.stringContaining("--instance-id i-0abc") });
  });

  it("tell EC2's check where EC2 says that it is on, and which interface has it", () => {
    const ec2 = { instanceId: "i-0abc", publicAddress: undefined };
    const of = (checkedInterfaces: readonly string[]) =>
      reportWith({ ec2, checkedInterfaces }).results.filter(({ code }) => code === "source-dest-check");
    expect(of([])).toEqual([expect.objectContaining({ status: "ok" })]);
    expect(of(["eni-1", "eni-2"])).toEqual([
      expect.objectContaining({
        status: "failed",
        text: expect.stringContaining("eni-1, eni-2"),
        fix: expect.stringContaining("--no-source-dest-check --network-interface-id eni-1; aws ec2"),
      }),
    ]);
  });
});

describe("the checks of the running agent", () => {
  const agentWith = (connection: Parameters<typeof connectionStatus>[0], warnings: readonly Warning[] = []) => ({
    agent: gatewayStatus({ connections: [connectionStatus(connection)], warnings }),
  });
  const psk = { code: "wrong-psk", text: "The PSK is not theirs.", fix: "Fetch it again." };

  it("tell a tunnel that is down by the reason for it, before its warning is due", () => {
    const tunnels = [tunnelStatus(1), tunnelStatus(2, { ...DOWN, reason: psk })];
    expect(troubles(reportWith(agentWith({ tunnels })))).toEqual(["failed wrong-psk 2: The PSK is not theirs."]);
  });

  it("leave a tunnel alone that stands by", () => {
    const tunnels = [tunnelStatus(1), tunnelStatus(2, { ...DOWN, reason: psk })];
    expect(troubles(reportWith(agentWith({ routing: "policy", status: "ok", tunnels })))).toEqual([]);
  });

  it("tell both tunnels when none is up, also with policy routing", () => {
    const tunnels = ([1, 2] as const).map((index) => tunnelStatus(index, { ...DOWN, reason: psk }));
    expect(troubles(reportWith(agentWith({ routing: "policy", status: "down", tunnels })))).toHaveLength(2);
  });

  it("tell other warnings by their own codes, and what is only for information as a warning", () => {
    const warnings = [warning("pass-failed"), warning("files-held", { severity: "info" })];
    expect(troubles(reportWith(agentWith({ status: "ok", tunnels: [tunnelStatus(1), tunnelStatus(2)] }, warnings)))).toEqual([
      "failed pass-failed: pass-failed holds",
      "warning files-held: files-held holds",
    ]);
  });

  it("tell once what the agent and a check of its own both find", () => {
    const down = { ...DOWN, reason: { code: "no-answer-500", text: `${REMOTE_2} does not answer on UDP 500.`, fix: "Open it." } };
    const facts = { ...agentWith({ tunnels: [tunnelStatus(1), tunnelStatus(2, down)] }), ...silent("2 500", "2 4500") };
    const report = reportWith(facts);
    expect(troubles(report)).toEqual([`failed no-answer-500 2: ${REMOTE_2} does not answer on UDP 500.`]);
    expect(linesOf(report, "tunnel-down")[1]).toBe("skipped tunnel-down 2: It follows from no-answer-500.");
  });
});

it("shows no PSK of the details in any line", () => {
  const connection = sampleConnection();
  const [first] = connection.tunnels;
  expect(first?.psk).toBeInstanceOf(Secret);
  expect(JSON.stringify(reportWith())).not.toContain(first?.psk.reveal());
});
