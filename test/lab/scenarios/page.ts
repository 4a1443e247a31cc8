import { statSync } from "node:fs";
import { systemClock } from "../../../agent/lib/clock.ts";
import { launch, openTab, SCREENSHOTS, screenshot, type Tab } from "../../page/browser.ts";
import { HTTP } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { secretsIn } from "../secrets.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const EVENTS = "/var/lib/spacegate/events.jsonl";

/** What a person who has the page open sees, as text. */
const readPage = (tab: Tab): Promise<string> => tab.page.locator("body").innerText();

/** What the picture shows of a tunnel, in the words that are in it. */
const laneOf = (tab: Tab, tunnel: 1 | 2): Promise<string> =>
  tab.page.locator(`.wide [data-tunnel="${tunnel}"]`).textContent().then(String);

/** Waits until the open page shows every one of these by itself; returns the seconds it took. */
const untilShown = async (lab: Lab, tab: Tab, timeoutSeconds: number, ...wanted: readonly RegExp[]): Promise<number> => {
  const started = systemClock.monotonic();
  await waitUntil(`the page to show ${wanted.map(String).join(", ")}`, timeoutSeconds, async () => {
    const text = await readPage(tab);
    if (wanted.every((pattern) => pattern.test(text))) return { done: true, value: undefined };
    lab.processes.keep("page", `${text}\n---\n`);
    return { done: false, seen: text.slice(0, 1500) };
  });
  return (systemClock.monotonic() - started) / 1000;
};

/** Set once, and gone with a reload. */
const MARK = "data-not-reloaded";

const stages = async (lab: Lab, tab: Tab): Promise<void> => {
  const picture = (name: string) => screenshot(tab.page, `lab-${name}`);
  await tab.page.goto(HTTP);
  await tab.page.evaluate(`document.documentElement.setAttribute("${MARK}", "")`);
  await untilShown(lab, tab, 15, /Traffic passes/, /Tunnel 1 carries/);
  check(/Tunnel 1 carries/.test(await laneOf(tab, 1)), "the picture should show that tunnel 1 carries");
  await picture("healthy");

  lab.progress("cutting tunnel 1, which carries: the page tells where traffic went, and why");
  await lab.cut(1);
  const moved = await untilShown(
    lab,
    tab,
    15,
    /Traffic moved from tunnel 1 to tunnel 2\. Tunnel 1 passed nothing/,
    /Tunnel 2 carries/,
  );
  lab.findings.notes.push(`the page told of the move ${moved.toFixed(1)} s after the cut`);
  check(!/Tunnel 1 carries/.test(await laneOf(tab, 1)), "the picture should not show that tunnel 1 carries");
  if (lab.routing === "vti") await untilShown(lab, tab, 60, /Tunnel 1 .*does not answer on UDP 500/, /Fix:? *Open UDP 500/);
  await picture("moved");

  lab.progress("cutting tunnel 2 too: the page names the tunnel, the cause and the fix");
  await lab.cut(2);
  const told = await untilShown(lab, tab, 15, /No traffic passes/, /No tunnel carries traffic/);
  lab.findings.notes.push(`the page told that nothing passes ${told.toFixed(1)} s after the second cut`);
  await untilShown(lab, tab, 60, /Tunnel [12] to 34\.\S+ has no CHILD_SA\. .*UDP 500/, /Fix:? *Open UDP 500 and 4500/);
  check((await tab.page.title()).startsWith("No traffic passes"), "the tab's title should tell it too");
  await picture("down");

  lab.progress("restoring both: the page tells how long it lasted");
  await Promise.all([lab.restore(1), lab.restore(2)]);
  await untilWhole(lab);
  await untilShown(lab, tab, 15, /^(?!.*What to do).*Traffic passes\b.*Traffic passes again after (\d\ds|\dm)/s);
  await picture("restored");
};

/** The agent is stopped and started again under the open page. */
const restart = async (lab: Lab, tab: Tab): Promise<void> => {
  lab.progress("stopping the agent under the open page, and starting it again");
  await lab.agent.stop();
  await untilShown(lab, tab, 20, /The agent has not answered since \d\d:\d\d:\d\d UTC/);
  await screenshot(tab.page, "lab-agent-away");
  lab.restartAgent();
  await untilWhole(lab);
  await untilShown(
    lab,
    tab,
    20,
    /The agent stopped/,
    /The agent started, version \S+, after/,
    /Traffic moved from tunnel 1 to tunnel 2/,
  );
  check(!(await readPage(tab)).includes("has not answered"), "the page should no longer say that the agent is away");
  check(
    (await tab.page.locator("html").getAttribute(MARK)) !== null,
    "all of it should have come about without a reload of the page",
  );
};

const checkKept = async (lab: Lab): Promise<void> => {
  const { mode } = statSync(lab.gateway.path(EVENTS));
  checkEqual((mode & 0o7777).toString(8), "600", "the mode of the file of events");
  const texts = [
    await lab.gateway.read(EVENTS),
    ...(await Promise.all(["/", "/api/events"].map(async (path) => (await lab.http(path))?.body ?? ""))),
  ];
  check(
    texts.every((text) => text.includes("Traffic moved")),
    "file, page and /api/events should tell of the move",
  );
  checkEqual(texts.flatMap(secretsIn), [], "secrets in the page and its events");
};

export const page: Scenario = {
  name: "page",
  title: "Whoever has the status page open sees a tunnel die: which one, why and what to do, without a reload",
  engines: ["native", "libipsec"],
  timeoutSeconds: 240,
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const browser = await launch();
    const tab = await openTab(browser);
    try {
      await stages(lab, tab);
      await untilCarrier(lab, (await laneOf(tab, 1)).includes("carries") ? 1 : 2);
      // A browser notes by itself each time that nobody answers.
      checkEqual(tab.complaints, [], "what the browser complained of");
      await restart(lab, tab);
      await checkKept(lab);
    } finally {
      await browser.close();
    }
    lab.findings.notes.push(`screenshots: ${SCREENSHOTS}`);
  },
};
