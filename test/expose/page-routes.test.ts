import { describe, expect, it, onTestFinished } from "vitest";
import { down, HOSTILE, healthy, hostile, many, type Sample } from "../page/samples.ts";
import { pageServer } from "../page/server.ts";

const ask = (sample: Sample, url: string, more: object = {}) => {
  const app = pageServer(() => sample);
  onTestFinished(() => app.close());
  return app.inject({ url, ...more });
};

describe("the page's routes", () => {
  it.each([
    ["/", "text/html; charset=utf-8"],
    ["/page.css", "text/css; charset=utf-8"],
    ["/page.js", "text/javascript; charset=utf-8"],
    ["/page.svg", "image/svg+xml"],
    ["/api/events", "application/json; charset=utf-8"],
  ])("%s is %s, forbids what it does not need, and answers GET only", async (url, type) => {
    const reply = await ask(down(), url);
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([200, type]);
    const policy = String(reply.headers["content-security-policy"]);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'/);
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect((await ask(down(), url, { method: "POST" })).statusCode).toBe(405);
  });

  it("ask for nothing from anywhere else, and have no script or style of their own in the page", async () => {
    const bodies = await Promise.all(
      ["/", "/page.css", "/page.js", "/page.svg"].map(async (url) => (await ask(down(), url)).body),
    );
    const [page = ""] = bodies;
    expect(bodies.join("").replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|\/\/[a-z]+\.|@import/);
    expect([page.match(/<script[^>]*>/g), page.match(/<style| style=| on[a-z]+=/g)]).toEqual([
      ['<script src="/page.js" defer>'],
      null,
    ]);
  });

  it("give the events as they are kept, the newest first", async () => {
    const sample = down();
    const { events } = (await ask(sample, "/api/events")).json() as { events: unknown[] };
    expect(events).toEqual(sample.history.events().toReversed());
  });

  it("escape whatever comes from outside, in every place", async () => {
    const { body } = await ask(hostile(), "/");
    expect([body.includes(HOSTILE), /<script>|<img/.test(body), body.includes("{{7*7}}")]).toEqual([false, false, true]);
    expect(body.match(/&lt;script&gt;document\.title/g)?.length).toBeGreaterThan(20);
  });

  it("show an icon for each state", async () => {
    const shapes = await Promise.all([healthy(), down(), many(5)].map(async (sample) => (await ask(sample, "/page.svg")).body));
    expect(new Set(shapes).size).toBe(3);
  });

  it("give a page that stays small however many connections there are, and one of each", async () => {
    const { body } = await ask(many(1000), "/");
    expect(body.length).toBeLessThan(1_200_000);
    const alone = (await ask(many(1000), "/?connection=space-777%2Foffice")).body;
    expect([alone.includes("space-777 / office"), alone.includes("space-776")]).toEqual([true, false]);
  });
});

describe("a page whose template cannot be read", () => {
  it("is an error now, and the page once it can", async () => {
    const sample = healthy();
    let missing = true;
    const app = pageServer(
      () => sample,
      "gw",
      async (name, read) => {
        if (missing) throw new Error(`${name} is not there`);
        return read();
      },
    );
    onTestFinished(() => app.close());
    const codes = [(await app.inject({ url: "/" })).statusCode];
    missing = false;
    codes.push((await app.inject({ url: "/" })).statusCode);
    expect(codes).toEqual([500, 200]);
  });
});
