import { stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { archive } from "../bundle/archive.ts";
import { makeBundle } from "../bundle/bundle.ts";
import type { Part } from "../bundle/collect.ts";
import type { BundleOptions } from "../cli/bundle.ts";
import { writeAtomically } from "../lib/atomic-file.ts";
import { systemClock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import { fingerprintKey } from "../loop/world.ts";
import type { Settings } from "../model/settings.ts";
import { fingerprintWith } from "../render/fingerprint.ts";
import { readSettings } from "../settings/read.ts";
import { ViciClient } from "../vici/client.ts";
import { bundleParts } from "./bundle-parts.ts";
import { knownSecrets } from "./bundle-secrets.ts";
import { settingsPath } from "./open.ts";

/** Wrong settings are one of the reasons why somebody wants a bundle. */
const settingsOrError = async (file: string): Promise<Settings | SpacegateError> => {
  try {
    return await readSettings(file);
  } catch (thrown) {
    if (thrown instanceof SpacegateError) return thrown;
    throw thrown;
  }
};

const needRoot = (root: string): void => {
  if (root !== "/" || process.getuid?.() === 0) return;
  throw new SpacegateError("NOT_ROOT", "Only root can read the secrets that must be kept out of a bundle.", {
    fix: "sudo spacegate bundle",
  });
};

/** "20261122T142000Z" */
const stamp = (now: Date): string => now.toISOString().replaceAll(/[-:]|\.\d+/g, "");

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const fileFor = async (out: string | undefined, name: string): Promise<string> => {
  if (out === undefined) return `${name}.tar.gz`;
  return out.endsWith("/") || (await isDirectory(out)) ? join(out, `${name}.tar.gz`) : out;
};

const write = async (path: string, bytes: Buffer): Promise<void> => {
  try {
    await writeAtomically({ path, text: bytes, mode: 0o600 });
  } catch (thrown) {
    throw new SpacegateError("HOST_WRITE_FAILED", `${path} could not be written: ${messageOf(thrown)}`, {
      fix: "Say --out with a place that has room and that you may write to.",
      cause: thrown,
    });
  }
};

const without = (parts: readonly Part[], names: readonly string[] = []): Part[] => {
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new SpacegateError("BUNDLE_REFUSED", `No part of a bundle is called ${unknown}.`, {
      fix: `The parts are ${parts.map(({ name }) => name).join(", ")}.`,
    });
  return parts.filter(({ name }) => !names.includes(name));
};

export const bundle = async (options: BundleOptions): Promise<number> => {
  const { root } = options;
  needRoot(root);
  const settingsFile = settingsPath(options);
  const settings = await settingsOrError(settingsFile);
  const inForce = settings instanceof SpacegateError ? undefined : settings;
  const vici = new ViciClient({ path: join(root, "run/charon.vici") });
  const now = new Date(systemClock.now());
  const name = `spacegate-bundle-${hostname()}-${stamp(now)}`;
  try {
    const fingerprint = fingerprintWith(await fingerprintKey(root, false));
    const entries = await makeBundle({
      parts: without(bundleParts({ root, settingsFile, settings, vici, fingerprint }), options.without),
      secrets: () => knownSecrets(root, inForce),
      title: `${name}, made ${now.toISOString()}`,
    });
    const file = await fileFor(options.out, name);
    await write(file, await archive(name, entries, now));
    const files = entries.map((entry) => ({ name: entry.name, bytes: Buffer.byteLength(entry.text) }));
    const list = `${entries[0]?.text ?? ""}\nWritten to ${file}, readable by its owner only. Look into it before you send it.\n`;
    process.stdout.write(options.json ? `${JSON.stringify({ file, files })}\n` : list);
    return 0;
  } finally {
    await vici.stop();
  }
};
