import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  addLink,
  addRule,
  changeLink,
  deleteLink,
  deleteRoute,
  deleteRule,
  type IpCommands,
  replaceRoute,
  setSysctl,
} from "../../agent/apply/network.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { failureOf, temporaryDirectory } from "./support.ts";

const complaint = (line: string, output: string): SpacegateError =>
  new SpacegateError("COMMAND_FAILED", `ip refused a command: ${output}`, {
    fix: "",
    details: { command: `ip ${line}`, output },
  });

/** A kernel that knows VTI links, routes and rules, prints what it holds, and complains in iproute2's words. */
class FakeKernel implements IpCommands {
  readonly #held = new Map<string, string>();
  /** Said about every command instead of carrying it out. */
  broken = "";

  async run(lines: readonly string[]): Promise<unknown[]> {
    for (const line of lines) this.#carryOut(line);
    return [];
  }

  print(): string {
    return [...this.#held.values()].sort().join("\n");
  }

  #carryOut(line: string): void {
    if (this.broken) throw complaint(line, this.broken);
    const [, object = "", verb = "", rest = ""] = /^(\w+) (\w+) (.*)$/.exec(line) ?? [];
    const act = { link: this.#link, address: this.#address, route: this.#route, rule: this.#rule }[object];
    if (!act) throw new Error(`the fake kernel does not know: ip ${line}`);
    act.call(this, line, verb, rest);
  }

  #link(line: string, verb: string, rest: string): void {
    const [name = "", ...more] = rest.split(" ");
    const key = `link ${name}`;
    const known = this.#held.get(key);
    if (verb === "add" && known) throw complaint(line, "RTNETLINK answers: File exists\nCommand failed -:1");
    if (verb !== "add" && !known) throw complaint(line, `Cannot find device "${name}"\nCommand failed -:1`);
    const [type = "", set = ""] = (known ?? "").replace(`${key} `, "").split(" | ");
    if (verb === "delete") {
      this.#held.delete(key);
      this.#held.delete(`address ${name}`);
    } else if (verb === "set") this.#held.set(key, `${key} ${type} | ${more.join(" ")}`);
    else if (verb === "add" || verb === "change") this.#held.set(key, `${key} ${more.join(" ")} | ${set}`);
    else throw new Error(`the fake kernel does not know: ip ${line}`);
  }

  #address(line: string, verb: string, rest: string): void {
    const name = / dev (\S+)$/.exec(rest)?.[1] ?? "";
    if (verb !== "replace" || !this.#held.has(`link ${name}`)) throw complaint(line, `Cannot find device "${name}"`);
    this.#held.set(`address ${name}`, `address ${rest}`);
  }

  #route(line: string, verb: string, rest: string): void {
    const [, unreachable = "", dst = "", table = "", metric = ""] =
      /^(unreachable )?(\S+) .*?table (\d+) metric (\d+)/.exec(rest) ?? [];
    const key = `route ${table} ${dst} ${metric}`;
    if (!dst) throw new Error(`the fake kernel does not know: ip ${line}`);
    if (verb === "delete" && !this.#held.delete(key)) throw complaint(line, "RTNETLINK answers: No such process");
    if (verb === "replace") this.#held.set(key, `route ${unreachable}${rest.slice(unreachable.length)}`);
  }

  #rule(line: string, verb: string, rest: string): void {
    const known = this.#held.has(rest);
    if (verb === "add" && known) throw complaint(line, "RTNETLINK answers: File exists");
    if (verb === "delete" && !known) throw complaint(line, "RTNETLINK answers: No such file or directory");
    if (verb === "add") this.#held.set(rest, `rule ${rest}`);
    else this.#held.delete(rest);
  }
}

const LINK = { name: "sgvti16384", local: "203.0.113.10", remote: "34.203.187.158", key: 16_384, mtu: 1419 };
const ROUTE = { table: 254, dst: "10.0.0.0/16", dev: "sgvti16384", src: "172.16.0.2", metric: 100 };
const UNREACHABLE = { table: 254, dst: "10.0.0.0/16", metric: 4000 };
const RULE = { kind: "mark", mark: 20_480, table: 20_480 } as const;

// With an address: reverse path filtering would drop what comes back by a link that has none.
const LINK_TEXT = `address 169.254.83.83/32 scope host dev sgvti16384
link sgvti16384 type vti local 203.0.113.10 remote 34.203.187.158 key 16384 | mtu 1419 up`;

describe("changing the kernel's network", () => {
  it.each([
    ["adding a link", (ip: IpCommands) => addLink(ip, LINK), LINK_TEXT],
    [
      "setting a route",
      (ip: IpCommands) => replaceRoute(ip, ROUTE),
      "route 10.0.0.0/16 dev sgvti16384 src 172.16.0.2 table 254 metric 100 protocol 83",
    ],
    [
      "setting an unreachable route",
      (ip: IpCommands) => replaceRoute(ip, UNREACHABLE),
      "route unreachable 10.0.0.0/16 table 254 metric 4000 protocol 83",
    ],
    ["adding a rule", (ip: IpCommands) => addRule(ip, RULE), "rule fwmark 20480 lookup 20480 pref 5347 protocol 83"],
  ])("%s twice comes to the same as once", async (_what, act, expected) => {
    const kernel = new FakeKernel();
    await act(kernel);
    expect(kernel.print()).toBe(expected);
    await act(kernel);
    expect(kernel.print()).toBe(expected);
  });

  it("gives a link that is there new addresses, without taking it away", async () => {
    const kernel = new FakeKernel();
    await addLink(kernel, { ...LINK, remote: "192.0.2.9", mtu: 1400 });
    await changeLink(kernel, LINK);
    expect(kernel.print()).toBe(LINK_TEXT);
  });

  it("lets a route's new way take the place of its old one", async () => {
    const kernel = new FakeKernel();
    await replaceRoute(kernel, ROUTE);
    await replaceRoute(kernel, { ...ROUTE, dev: "sgvti16385" });
    expect(kernel.print()).toBe("route 10.0.0.0/16 dev sgvti16385 src 172.16.0.2 table 254 metric 100 protocol 83");
  });

  it("takes away what was made and nothing else, and what is gone already is no failure", async () => {
    const kernel = new FakeKernel();
    const foreign = { ...RULE, mark: 7 };
    await addRule(kernel, foreign);
    await addLink(kernel, LINK);
    await replaceRoute(kernel, ROUTE);
    await replaceRoute(kernel, UNREACHABLE);
    await addRule(kernel, RULE);
    for (let turn = 0; turn < 2; turn += 1) {
      await deleteRule(kernel, RULE);
      await deleteRoute(kernel, ROUTE);
      await deleteRoute(kernel, UNREACHABLE);
      await deleteLink(kernel, LINK.name);
      expect(kernel.print()).toBe("rule fwmark 7 lookup 20480 pref 5347 protocol 83");
    }
  });

  it.each([
    ["addLink", (ip: IpCommands) => addLink(ip, LINK)],
    ["changeLink", (ip: IpCommands) => changeLink(ip, LINK)],
    ["deleteLink", (ip: IpCommands) => deleteLink(ip, LINK.name)],
    ["replaceRoute", (ip: IpCommands) => replaceRoute(ip, ROUTE)],
    ["deleteRoute", (ip: IpCommands) => deleteRoute(ip, ROUTE)],
    ["addRule", (ip: IpCommands) => addRule(ip, RULE)],
    ["deleteRule", (ip: IpCommands) => deleteRule(ip, RULE)],
  ])("%s fails with ip's words when the kernel refuses", async (_name, act) => {
    const kernel = new FakeKernel();
    kernel.broken = "RTNETLINK answers: Operation not permitted";
    const error = await failureOf(() => act(kernel));
    expect([error.code, error.details.output]).toEqual(["COMMAND_FAILED", kernel.broken]);
  });
});

describe("a kernel setting", () => {
  const SYSCTL = { key: "net/ipv4/conf/sgvti16384/rp_filter", value: "2" };

  it("is written below /proc/sys", async () => {
    const root = await temporaryDirectory();
    await mkdir(join(root, "proc/sys/net/ipv4/conf/sgvti16384"), { recursive: true });
    await writeFile(join(root, "proc/sys", SYSCTL.key), "0\n");
    await setSysctl(root, SYSCTL);
    expect(await readFile(join(root, "proc/sys", SYSCTL.key), "utf8")).toBe("2\n");
  });

  it("that does not exist is told by its name", async () => {
    const root = await temporaryDirectory();
    const error = await failureOf(() => setSysctl(root, SYSCTL));
    expect(error.code).toBe("HOST_WRITE_FAILED");
    expect(error.message).toContain("net/ipv4/conf/sgvti16384/rp_filter could not be set: ENOENT");
  });
});
