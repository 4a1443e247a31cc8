import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shownLinks } from "../../agent/expose/page-links.ts";
import { createRender } from "../../agent/expose/page-render.ts";
import { pageView } from "../../agent/expose/page-view.ts";
import { headline } from "../../agent/expose/page-words.ts";
import type { LinkStatus } from "../../agent/model/privatelink.ts";
import { connectionStatus, gatewayStatus, LINK_UNPROVEN, linkStatus } from "./support.ts";

const HISTORY = { events: () => [], series: () => [], pointMs: 10_000 };
const render = createRender(readFileSync(new URL("../../templates/page/page.hbs", import.meta.url), "utf8"));

const shown = (changes: Partial<LinkStatus> = {}) => shownLinks(gatewayStatus({ privatelinks: [linkStatus(changes)] }))[0];
const page = (...links: LinkStatus[]): string => render(pageView(gatewayStatus({ privatelinks: links }), HISTORY, "gw"));

describe("the page's PrivateLinks", () => {
  it("are told by their state, both sides, the way and the proof", () => {
    expect(shown()).toMatchObject({
      ...{ name: "orders-redis", words: "carries", target: "acme-app/redis-kvs-12345", heroku: "Operational" },
      ...{ endpoint: "vpce-01c87ae3c05563935 available", way: "through the endpoint", proof: "Redis answers PONG, 0.8 ms" },
    });
  });

  it("say what is not known by a dash, and never nothing", () => {
    expect(shown(LINK_UNPROVEN)).toMatchObject({ words: "carries nothing", endpoint: "none yet", way: "–", proof: "–" });
    const proof = { ...linkStatus().proof, said: "", tcp: false, hello: null, rttMs: null } as LinkStatus["proof"];
    expect(shown({ proof })?.proof).toBe("no connection");
  });

  it("are a table with a caption and a heading for each row, and not there without a link", () => {
    const html = page(linkStatus());
    expect(html).toContain('<section class="links" id="links" aria-labelledby="links-heading">');
    expect(html).toMatch(/<caption class="unseen">Every declared PrivateLink/);
    expect(html).toMatch(/<th scope="row">.*orders-redis/);
    expect(page()).not.toContain('id="links"');
  });

  it("escape what Heroku and AWS say", () => {
    expect(page(linkStatus({ herokuStatus: "<script>alert(1)</script>" }))).not.toContain("<script>alert");
  });
});

describe("the page's heading", () => {
  const heading = (...privatelinks: LinkStatus[]): string =>
    headline(gatewayStatus({ connections: [connectionStatus({ status: "ok" })], privatelinks }));

  it("names a link that is not well, behind the tunnels", () => {
    expect(heading(linkStatus())).toBe("Traffic passes");
    expect(heading(linkStatus({ status: "down" }))).toBe("Traffic passes; orders-redis carries nothing");
    expect(heading(linkStatus({ status: "degraded" }), linkStatus({ status: "down" }))).toBe(
      "Traffic passes; 2 PrivateLinks are not well",
    );
    expect(heading(linkStatus({ status: "provisioning" }))).toBe("Traffic passes");
  });
});
