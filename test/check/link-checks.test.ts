import { describe, expect, it } from "vitest";
import { LINK_CHECKS } from "../../agent/check/link-checks.ts";
import type { CheckResult } from "../../agent/check/result.ts";
import type { LinkStatus } from "../../agent/model/privatelink.ts";
import type { Warning } from "../../agent/model/status.ts";
import { gatewayStatus, linkStatus } from "../expose/support.ts";
import { sampleSettings } from "../sample.ts";
import { reportWith } from "./support.ts";

const DECLARED = {
  name: "orders-redis",
  app: "acme-app",
  addon: "redis-kvs-12345",
  region: "us-east-1",
  vpc: "vpc-0a1b2c3d4e5f60718",
  subnets: ["subnet-0a1b2c3d4e5f60718"],
  allowed_cidrs: ["172.31.0.0/16"],
};
const settings = sampleSettings(undefined, { privatelinks: [DECLARED] });

const down = (link: string, changes: Partial<Warning> = {}): Warning => ({
  code: "link-down",
  severity: "critical",
  title: "A PrivateLink carries nothing",
  text: "172.31.0.10:6379 does not answer: ETIMEDOUT.",
  fix: "Let this host in.",
  since: 1,
  link,
  ...changes,
});

const linesOf = (links: readonly LinkStatus[], warnings: readonly Warning[] = []): readonly CheckResult[] =>
  reportWith({ settings, agent: gatewayStatus({ status: "ok", privatelinks: links, warnings }) }).results.filter(
    ({ group }) => group === "PrivateLink",
  );

describe("the check of declared PrivateLinks", () => {
  it("tells what the agent has proven of each", () => {
    expect(linesOf([linkStatus()])).toEqual([
      expect.objectContaining({
        code: "link-down",
        status: "ok",
        link: "orders-redis",
        text: expect.stringMatching(/^Redis answers PONG, by vpce-/),
      }),
    ]);
  });

  it("tells each link's trouble with its fix, also the same one of two links, and only once", () => {
    const links = ["orders-redis", "events"].map((name) => linkStatus({ name, status: "down" }));
    const { results } = reportWith({
      settings,
      agent: gatewayStatus({ status: "degraded", privatelinks: links, warnings: links.map(({ name }) => down(name)) }),
    });
    const found = results.filter(({ code, status }) => code === "link-down" && status === "failed");
    expect(found.map(({ link, group, fix }) => [link, group, fix])).toEqual([
      ["orders-redis", "PrivateLink", "Let this host in."],
      ["events", "PrivateLink", "Let this host in."],
    ]);
    expect(results.filter(({ text }) => text.includes("ETIMEDOUT"))).toHaveLength(2);
  });

  it("tells trouble by its own code, and as a warning what is only for information", () => {
    const [line] = linesOf(
      [linkStatus()],
      [down("orders-redis", { code: "link-leftover", severity: "info", title: "Left over" })],
    );
    expect(line).toMatchObject({ code: "link-leftover", status: "warning", title: "Left over" });
  });

  it("does not call a link well that is still being made", () => {
    const [line] = linesOf([
      linkStatus({ status: "provisioning", herokuStatus: "Provisioning", endpointState: "", proof: null }),
    ]);
    expect(line).toMatchObject({ status: "skipped", text: "It is not proven yet; Heroku says Provisioning." });
  });

  it("says what is missing where no agent runs", () => {
    const [spec] = LINK_CHECKS;
    const { results } = reportWith({ settings, agent: undefined });
    expect(results.find(({ group }) => group === spec?.group)).toMatchObject({
      status: "skipped",
      text: "agent is not known here.",
    });
  });

  it("looks for nothing where no link is declared", () => {
    const { results } = reportWith();
    expect(results.find(({ group }) => group === "PrivateLink")).toMatchObject({ status: "ok", text: "none is declared" });
  });
});
