import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tmp from "tmp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SpacegateError } from "../../agent/lib/errors.ts";
import type { Log } from "../../agent/lib/log.ts";
import type { Settings } from "../../agent/model/settings.ts";
import type { DirectoryEvents, WatchDirectory } from "../../agent/settings/directory.ts";
import { readSettings } from "../../agent/settings/read.ts";
import { SettingsWatcher, type SettingsWatcherOptions } from "../../agent/settings/watch.ts";
import { SMALLEST } from "./problems.ts";

const named = (name: string): string => SMALLEST.replace("office", name);

describe("watching the settings file", () => {
  let directory: tmp.DirResult;
  let file: string;
  let watcher: SettingsWatcher | undefined;
  /** What was told, in order: the first connection's name, or "refused: …". */
  let told: string[];
  let warnings: string[];

  beforeEach(() => {
    directory = tmp.dirSync({ unsafeCleanup: true, prefix: "spacegate-watch-" });
    file = join(directory.name, "config.yaml");
    writeFileSync(file, named("office"));
    told = [];
    warnings = [];
  });

  afterEach(async () => {
    await watcher?.stop();
    directory.removeCallback();
  });

  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_, message) => warnings.push(message),
    error: (_, message) => warnings.push(message),
    child: () => log,
  };

  const start = async (options: Partial<SettingsWatcherOptions> = {}): Promise<SettingsWatcher> => {
    watcher = new SettingsWatcher({
      file,
      current: await readSettings(file),
      read: () => readSettings(file),
      onChange: (settings: Settings) => told.push(settings.connections[0]?.name ?? "none"),
      onRefused: (error: SpacegateError) => told.push(`refused: ${error.message.split("; ")[0]?.replace(file, "")}`),
      log,
      debounceMs: 30,
      ...options,
    });
    await watcher.start();
    return watcher;
  };

  const expectTold = (expected: string[]) => vi.waitFor(() => expect(told).toEqual(expected), { timeout: 5000, interval: 10 });

  describe("with the real watcher", () => {
    it("sees a write into the file", async () => {
      await start();
      writeFileSync(file, named("branch"));
      await expectTold(["branch"]);
    });

    it("sees that another file takes its place, again and again", async () => {
      await start();
      for (const [count, name] of ["one", "two", "three"].entries()) {
        writeFileSync(`${file}.new`, named(name));
        renameSync(`${file}.new`, file);
        await expectTold(["one", "two", "three"].slice(0, count + 1));
      }
    });

    it("sees the swap of a symbolic link to a directory", async () => {
      for (const version of ["1", "2"]) {
        mkdirSync(join(directory.name, version));
        writeFileSync(join(directory.name, version, "config.yaml"), named(`version-${version}`));
      }
      rmSync(file);
      symlinkSync("1", join(directory.name, "data"));
      symlinkSync("data/config.yaml", file);
      await start();
      symlinkSync("2", join(directory.name, "data.new"));
      renameSync(join(directory.name, "data.new"), join(directory.name, "data"));
      await expectTold(["version-2"]);
    });

    it("sees a write behind a symbolic link, also after the link was changed", async () => {
      for (const place of ["near", "far"]) {
        mkdirSync(join(directory.name, place));
        writeFileSync(join(directory.name, place, "real.yaml"), named(place));
      }
      rmSync(file);
      symlinkSync("near/real.yaml", file);
      await start();
      writeFileSync(join(directory.name, "near/real.yaml"), named("nearer"));
      await expectTold(["nearer"]);
      symlinkSync("far/real.yaml", `${file}.new`);
      renameSync(`${file}.new`, file);
      await expectTold(["nearer", "far"]);
      await vi.waitFor(
        async () => {
          writeFileSync(join(directory.name, "far/real.yaml"), named("farther"));
          await vi.waitFor(() => expect(told).toEqual(["nearer", "far", "farther"]), { timeout: 300 });
        },
        { timeout: 5000 },
      );
    });

    it("refuses a bad change once, and tells when it is mended", async () => {
      await start();
      writeFileSync(file, `${named("office")}log: { level: loud }\n`);
      await expectTold(["refused: :5:15 log.level: must be one of debug, info, warn, error"]);
      writeFileSync(file, named("office"));
      await expectTold(["refused: :5:15 log.level: must be one of debug, info, warn, error", "office"]);
    });

    it("refuses a file that is gone, and takes it back", async () => {
      await start();
      rmSync(file);
      await expectTold(["refused: : does not exist"]);
      writeFileSync(file, named("branch"));
      await expectTold(["refused: : does not exist", "branch"]);
    });
  });

  describe("with a watcher in its place", () => {
    let events: DirectoryEvents | undefined;
    const watched: string[] = [];
    let closed = false;

    const watch: WatchDirectory = async (path, given) => {
      events = given;
      closed = false;
      watched.splice(0, watched.length, path);
      return {
        add: (another) => void watched.push(another),
        close: async () => {
          closed = true;
        },
      };
    };

    it("watches the directory, not the file", async () => {
      await start({ watch });
      expect(new Set(watched)).toEqual(new Set([directory.name]));
    });

    it("tells a change that happened before it watched", async () => {
      const current = await readSettings(file);
      writeFileSync(file, named("branch"));
      await start({ watch, current });
      expect(told).toEqual(["branch"]);
    });

    it("tells nothing when the settings are the same in other words", async () => {
      const running = await start({ watch });
      writeFileSync(file, `# a comment\n${named("office")}log: { level: info }\n`);
      await running.look();
      expect(told).toEqual([]);
    });

    it("reads once after many events", async () => {
      const sleeps: AbortSignal[] = [];
      let wake = (): void => undefined;
      const sleep = (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          if (signal) sleeps.push(signal);
          signal?.addEventListener("abort", () => reject(signal.reason));
          wake = resolve;
        });
      await start({ watch, clock: { now: () => 0, monotonic: () => 0, sleep } });
      writeFileSync(file, named("branch"));
      for (let count = 0; count < 5; count++) events?.onEvent();
      expect(sleeps.map(({ aborted }) => aborted)).toEqual([true, true, true, true, false]);
      wake();
      await expectTold(["branch"]);
    });

    it("says the same refusal once", async () => {
      const running = await start({ watch });
      writeFileSync(file, "a: 1\n");
      await running.look();
      await running.look();
      expect(told).toHaveLength(1);
    });

    it("looks without a watch when asked, and says that it does not watch", async () => {
      const running = await start({ watch: () => Promise.reject(new Error("ENOSPC: no space for watches")) });
      writeFileSync(file, named("branch"));
      await running.look();
      expect(told).toEqual(["branch"]);
      expect(warnings).toEqual([expect.stringContaining("is not watched")]);
    });

    it("says that the watch broke", async () => {
      await start({ watch });
      events?.onError(new Error("EMFILE"));
      expect(warnings).toEqual([expect.stringContaining("is not watched")]);
    });

    it("looks again after a listener failed", async () => {
      const onChange = vi.fn().mockImplementationOnce(() => {
        throw new Error("a bug");
      });
      const running = await start({ watch, onChange });
      writeFileSync(file, named("one"));
      await expect(running.look()).rejects.toThrow("a bug");
      writeFileSync(file, named("two"));
      await running.look();
      expect(onChange).toHaveBeenCalledTimes(2);
    });

    it("tells nothing after it was stopped", async () => {
      const running = await start({ watch });
      writeFileSync(file, named("branch"));
      events?.onEvent();
      await running.stop();
      await running.look();
      expect(told).toEqual([]);
      expect(closed).toBe(true);
    });
  });
});
