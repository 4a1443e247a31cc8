import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Look, launch, openTab, SCREENSHOTS, screenshot, type Tab } from "./browser.ts";
import { degraded, down, HOSTILE, healthy, hostile, many, type Sample } from "./samples.ts";
import { listenAnywhere, pageServer } from "./server.ts";

const TIMEOUT_MS = 60_000;

interface Shown extends Tab {
  readonly url: string;
  show(next: Sample): void;
}

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
}, TIMEOUT_MS);

afterAll(async () => {
  await browser.close();
  console.log(`screenshots: ${SCREENSHOTS}`);
});

/** A tab that shows the page of a sample, which can be changed under it. */
const openPage = async (first: Sample, look: Look = {}): Promise<Shown> => {
  let sample = first;
  const app = pageServer(() => sample);
  const url = await listenAnywhere(app);
  const tab = await openTab(browser, look);
  onTestFinished(async () => {
    await tab.close();
    await app.close();
  });
  await tab.page.goto(url);
  return {
    ...tab,
    url,
    show: (next) => {
      sample = next;
    },
  };
};

/** axe's findings, as "rule: the elements". */
const violations = async ({ page }: Tab): Promise<string[]> => {
  await page.evaluate(axe.source);
  return page.evaluate(
    `axe.run().then(({violations}) => violations.map(({id, nodes}) => id + ": " + nodes.map(({target}) => target.join(" ")).join(", ")))`,
  );
};

const overflow = ({ page }: Tab): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

const PHONE: Look = { width: 360, height: 740 };

const LOOKS: readonly (readonly [string, () => Sample, Look])[] = [
  ["healthy", healthy, {}],
  ["degraded", degraded, {}],
  ["down", down, {}],
  ["many", () => many(24), {}],
  ["healthy-dark", healthy, { dark: true }],
  ["down-dark", down, { dark: true }],
  ["healthy-phone", healthy, PHONE],
  ["down-phone", down, PHONE],
  ["down-phone-dark", down, { ...PHONE, dark: true }],
  ["many-phone", () => many(24), PHONE],
];

describe("every look of the page", { timeout: TIMEOUT_MS }, () => {
  it.each(LOOKS)("%s has no error, no finding of axe, and fits the screen", async (name, sample, look) => {
    const shown = await openPage(sample(), look);
    await screenshot(shown.page, name);
    expect(await violations(shown)).toEqual([]);
    expect(shown.complaints).toEqual([]);
    expect(await overflow(shown)).toBe(0);
  });
});

describe("what a person sees", { timeout: TIMEOUT_MS }, () => {
  const lane = ({ page }: Tab, tunnel: 1 | 2) => page.locator(`.wide [data-tunnel="${tunnel}"]`);

  it("is which tunnel carries and which is down, in words and in shapes", async () => {
    const shown = await openPage(degraded());
    expect(await lane(shown, 1).textContent()).toMatch(/Tunnel 1\s+carries/);
    expect(await lane(shown, 2).textContent()).toMatch(/Tunnel 2\s+is down.*does not answer on UDP 500/s);
    const dashes = (tunnel: 1 | 2) =>
      lane(shown, tunnel)
        .locator(".wire")
        .evaluate((wire: unknown) => (globalThis as unknown as Windowed).getComputedStyle(wire).strokeDasharray);
    expect([await dashes(1), await dashes(2)]).toEqual(["none", "3px, 11px"]);
    const glyph = (tunnel: 1 | 2) => lane(shown, tunnel).locator("use").getAttribute("href");
    expect([await glyph(1), await glyph(2)]).toEqual(["#g-carries", "#g-down"]);
  });

  it("is the cause with its fix, before anything else", async () => {
    const { page } = await openPage(degraded());
    const text = await page.locator(".warnings").innerText();
    expect(text).toContain("34.227.70.143 does not answer on UDP 500.");
    expect(text).toMatch(/Fix: *Open UDP 500 and 4500 in both directions/);
    expect(await page.title()).toBe("Traffic passes, without a spare tunnel – gw-fra-1");
  });

  it("is what went on before, the newest first, with what still goes on", async () => {
    const { page } = await openPage(down());
    const entries = await page.locator(".timeline li").allInnerTexts();
    expect(entries[0]).toMatch(/No tunnel carries traffic\.\s+still so/);
    expect(entries.at(-1)).toContain("The agent started, version 0.1.0.");
    expect(await page.locator(".timeline li.ongoing").count()).toBe(3);
  });

  it("is an index of many connections that leads to each", async () => {
    const { page } = await openPage(many(24));
    expect(await page.locator("nav tbody tr").count()).toBe(24);
    expect(await page.locator("nav tr.down").innerText()).toMatch(/space-05\/office.*is down.*is down/s);
    expect(await page.locator("details[open]").count()).toBe(2);
    await page.locator("nav tr.down a").click();
    expect(await page.evaluate("location.hash")).toBe("#connection-5");
  });

  it("never is what a hostile name or message would like it to be", async () => {
    const shown = await openPage(hostile());
    await shown.page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
    expect(await shown.page.title()).not.toBe("taken");
    expect(await shown.page.locator("#page script, #page img").count()).toBe(0);
    expect(await shown.page.locator(".warnings h3").first().innerText()).toContain(HOSTILE);
    expect([shown.complaints, await overflow(shown)]).toEqual([[], 0]);
  });
});

/** What the tests use of a browser's window: they themselves run in Node. */
interface Windowed {
  readonly getComputedStyle: (element: unknown) => { readonly strokeDasharray: string };
}

describe("without a reload", { timeout: TIMEOUT_MS }, () => {
  it("the page follows, and keeps focus, scrolling and what was opened or closed", async () => {
    const shown = await openPage(healthy(), { width: 800, height: 500 });
    const { page } = shown;
    await page.locator("summary").click();
    await page.evaluate("document.querySelector('summary').focus(); window.scrollTo(0, 200)");
    shown.show(degraded());
    await page.locator("h1", { hasText: "without a spare tunnel" }).waitFor();
    expect(await page.evaluate("document.activeElement.nodeName")).toBe("SUMMARY");
    expect(await page.locator("details[open]").count()).toBe(0);
    expect(await page.evaluate("window.scrollY")).toBeGreaterThan(0);
    expect(await page.title()).toContain("without a spare tunnel");
    expect(await page.locator("link[rel=icon]").getAttribute("href")).toBe("/page.svg?degraded");
    expect(await page.locator("#say").textContent()).toContain("Traffic passes, without a spare tunnel.");
    shown.show(healthy());
    await page.locator("h1", { hasText: /^Traffic passes$/ }).waitFor();
    expect(await page.locator(".warnings").count()).toBe(0);
  });

  it("the page becomes exactly what a reload would show", async () => {
    const shown = await openPage(many(6));
    const bodyOf = () => shown.page.locator("#page").innerHTML();
    for (const next of [down(), many(5), healthy(), degraded()]) {
      shown.show(next);
      await shown.page.locator(`#page[data-say^=${JSON.stringify(wordsOf(next))}]`).waitFor();
      const patched = await bodyOf();
      const fresh = await fetch(shown.url).then((answer) => answer.text());
      const same = await shown.page.evaluate(
        `(([html, patched]) => {
          const strip = (text) => text.replace(/ open=""/g, "");
          const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("page").innerHTML;
          return strip(fresh) === strip(patched);
        })(${JSON.stringify([fresh, patched])})`,
      );
      expect(same).toBe(true);
    }
  });

  it("the page says in words that the agent does not answer, and that it answers again", async () => {
    const shown = await openPage(healthy());
    await shown.page.route("**/*", (route) => route.abort());
    await shown.page
      .locator("#away", { hasText: /^The agent has not answered since \d\d:\d\d:\d\d UTC \(no connection\)/ })
      .waitFor();
    await screenshot(shown.page, "away");
    expect(await violations(shown)).toEqual([]);
    expect(await shown.page.title()).toMatch(/^No answer – Traffic passes/);
    await shown.page.unroute("**/*");
    await shown.page.locator("#say", { hasText: "The agent answers again." }).waitFor({ state: "attached" });
    expect([await shown.page.locator("#away").textContent(), await shown.page.title()]).toEqual([
      "",
      "Traffic passes – gw-fra-1",
    ]);
  });

  it("and without script the page is whole, and says how to see what is new", async () => {
    const { page } = await openPage(down(), { javaScript: false });
    const text = await page.locator("body").innerText();
    expect(text).toContain("No traffic passes");
    expect(text).toContain("Without JavaScript this page stays as it is: reload it");
  });
});

const wordsOf = ({ status }: Sample): string =>
  status.connections.length > 1
    ? `${status.connections.length} connections`
    : { ok: "Traffic passes.", degraded: "Traffic passes, without", down: "No traffic", starting: "" }[status.status];

describe("by keyboard", { timeout: TIMEOUT_MS }, () => {
  let order: string[] = [];

  beforeAll(async () => {
    const app = pageServer(() => many(4));
    const tab = await openTab(browser);
    await tab.page.goto(await listenAnywhere(app));
    const count: number = await tab.page.evaluate("document.querySelectorAll('a, summary, [tabindex=\"0\"]').length");
    const seen: string[] = [];
    for (let press = 0; press < count; press += 1) {
      await tab.page.keyboard.press("Tab");
      seen.push(
        await tab.page.evaluate("document.activeElement.nodeName + ' ' + document.activeElement.textContent.slice(0, 30).trim()"),
      );
    }
    order = seen;
    await tab.close();
    await app.close();
  }, TIMEOUT_MS);

  it("Tab reaches every link and every part that opens, the way past them first", () => {
    expect(order[0]).toBe("A To the connections");
    expect(order.filter((entry) => entry.startsWith("SUMMARY"))).toHaveLength(4);
    expect(order.filter((entry) => /^A space-0/.test(entry))).toHaveLength(5);
    expect(order.some((entry) => entry.startsWith("OL"))).toBe(true);
    expect(order.slice(-4)).toEqual(["A /healthz", "A /metrics", "A /api/status", "A /api/events"]);
  });
});
