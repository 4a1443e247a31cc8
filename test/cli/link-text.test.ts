import { describe, expect, it } from "vitest";
import { linkLines } from "../../agent/cli/link-text.ts";
import type { LinkStatus } from "../../agent/model/privatelink.ts";
import { AT, LINK_UNPROVEN, linkStatus } from "../expose/support.ts";

const SCREEN = { width: 120, colour: false };

const text = (changes: Partial<LinkStatus> = {}): string => linkLines(SCREEN, linkStatus(changes), AT + 60_000).join("\n");

describe("a link in `spacegate status`", () => {
  it("tells its state, both sides and what was proven", () => {
    expect(text()).toBe(
      `
PrivateLink orders-redis  + ok
  for 1m; acme-app/redis-kvs-12345; Heroku says Operational; vpce-01c87ae3c05563935 available; port 6379; its name leads
  through the endpoint; connected in 0.8 ms; Redis answers PONG`,
    );
  });

  it("says plainly that nothing is there yet", () => {
    expect(text(LINK_UNPROVEN)).toContain("x down");
    expect(text(LINK_UNPROVEN)).toContain("Heroku says Provisioning; no endpoint yet; port 6379; not proven yet");
  });

  it("names a service that is not Heroku's", () => {
    const target = { kind: "service", serviceName: "com.amazonaws.us-east-1.logs" } as const;
    expect(text({ target, herokuStatus: "" })).not.toContain("Heroku");
    expect(text({ target, herokuStatus: "" })).toContain("for 1m; com.amazonaws.us-east-1.logs");
  });

  it("lets no word of somebody else's write on the terminal", () => {
    expect(text({ herokuStatus: "\u001b[31mred" })).not.toContain("\u001b");
  });
});
