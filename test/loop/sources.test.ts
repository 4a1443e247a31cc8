import { describe, expect, it } from "vitest";
import { Sources, type SourcesDeps } from "../../agent/loop/sources.ts";
import type { Settings } from "../../agent/model/settings.ts";
import type { SourceState } from "../../agent/model/source.ts";
import { sampleConnection, sampleEntry, sampleSettings } from "../sample.ts";

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const API = { heroku: { source: "platform-api" } };
const FILE = { heroku: { source: "file", file: "/srv/one.json" } };
const OTHER_FILE = { heroku: { source: "file", file: "/srv/other.json" } };

const settingsFor = (changes: object, ...names: string[]): Settings =>
  sampleSettings(
    names.map((name) => sampleEntry({ name })),
    changes,
  );

/** Pollers and watches that only say what becomes of them: "poller 1 starts: office". */
const setUp = (settings: Settings, { slow = false, lingers = false } = {}) => {
  const said: string[] = [];
  const answers: (() => void)[] = [];
  const changed = new Map<string, () => void>();
  let pollers = 0;
  const makePoller: SourcesDeps["makePoller"] = ({ heroku }) => {
    pollers += 1;
    const name = `poller ${pollers}`;
    said.push(`${name} is made for ${heroku.file ?? heroku.source}`);
    const state: SourceState = { ref: sampleConnection(), origin: "source", waiting: name };
    return {
      start: async (refs) => {
        said.push(`${name} starts: ${refs.map((ref) => ref.name).join(", ")}`);
        if (slow) await new Promise<void>((resolve) => answers.push(resolve));
      },
      setRefs: async (refs) => void said.push(`${name} asks for: ${refs.map((ref) => ref.name).join(", ")}`),
      refresh: async () => void said.push(`${name} asks now`),
      stop: async () => {
        said.push(`${name} stops`);
        if (lingers) await new Promise<void>((resolve) => answers.push(resolve));
      },
      states: () => [state],
    };
  };
  const watchFile: SourcesDeps["watchFile"] = async (path, onChange) => {
    said.push(`${path} is watched`);
    changed.set(path, onChange);
    return { close: async () => void said.push(`${path} is left alone`) };
  };
  const sources = new Sources(settings, { makePoller, watchFile });
  const waiting = () => sources.states()[0]?.waiting;
  /** Everything that happened since the last call. */
  const news = (): string[] => said.splice(0);
  const answer = async (n: number): Promise<void> => {
    answers[n - 1]?.();
    await soon();
  };
  return { sources, news, waiting, answer, change: (path: string) => changed.get(path)?.() };
};

describe("the source of details", () => {
  it("is asked about every connection of the settings", async () => {
    const { sources, news } = setUp(settingsFor(API, "office", "depot"));
    await sources.start();
    expect(news()).toEqual(["poller 1 is made for platform-api", "poller 1 starts: office, depot"]);
  });

  it("is asked anew when its file changes", async () => {
    const { sources, news, change } = setUp(settingsFor(FILE, "office"));
    await sources.start();
    expect(news()).toContain("/srv/one.json is watched");
    change("/srv/one.json");
    expect(news()).toEqual(["poller 1 asks now"]);
  });

  it("goes on with other connections when only those change", async () => {
    const { sources, news } = setUp(settingsFor(FILE, "office"));
    await sources.start();
    news();
    await sources.use(settingsFor(FILE, "office", "depot"));
    expect(news()).toEqual(["poller 1 asks for: office, depot"]);
  });

  it("gives way to another one, with its watch, and is not heard any more", async () => {
    const { sources, news, waiting } = setUp(settingsFor(FILE, "office"));
    await sources.start();
    news();
    expect(waiting()).toBe("poller 1");
    await sources.use(settingsFor(API, "office"));
    expect(news()).toEqual([
      "poller 2 is made for platform-api",
      "poller 1 stops",
      "/srv/one.json is left alone",
      "poller 2 starts: office",
    ]);
    expect(waiting()).toBe("poller 2");
  });

  it("leaves one poller and one watch behind when it changes twice in a moment", async () => {
    const { sources, news, answer, waiting } = setUp(settingsFor(API, "office"), { slow: true });
    void sources.start();
    const first = sources.use(settingsFor(FILE, "office"));
    await soon();
    const second = sources.use(settingsFor(OTHER_FILE, "office"));
    await soon();
    for (const n of [1, 2, 3]) await answer(n);
    await Promise.all([first, second]);
    const told = news();
    expect(told.filter((line) => line.includes("watched"))).toEqual(["/srv/other.json is watched"]);
    expect(told.filter((line) => line.includes("stops"))).toEqual(["poller 1 stops", "poller 2 stops"]);
    expect(waiting()).toBe("poller 3");
  });

  it("is started once, when it changes again while the one before is still ending", async () => {
    const { sources, news, answer } = setUp(settingsFor(API, "office"), { lingers: true });
    await sources.start();
    const first = sources.use(settingsFor(FILE, "office"));
    const second = sources.use(settingsFor(OTHER_FILE, "office"));
    for (const n of [1, 2]) await answer(n);
    await Promise.all([first, second]);
    const told = news();
    expect(told.filter((line) => line.includes("starts"))).toEqual(["poller 1 starts: office", "poller 3 starts: office"]);
    expect(told.filter((line) => line.includes("watched"))).toEqual(["/srv/other.json is watched"]);
  });

  it("is not watched any more when it stops, not even if it had just begun", async () => {
    const { sources, news, answer } = setUp(settingsFor(FILE, "office"), { slow: true });
    const started = sources.start();
    await sources.stop();
    await answer(1);
    await started;
    expect(news()).toEqual(["poller 1 is made for /srv/one.json", "poller 1 starts: office", "poller 1 stops"]);
  });
});
