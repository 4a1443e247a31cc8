import { mkdir, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchFile } from "../../agent/source/watch.ts";
import { temporaryDirectory } from "./support.ts";

const setup = async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, "connections.json");
  await writeFile(path, "1");
  const onChange = vi.fn();
  const watching = await watchFile(path, onChange, { debounceMs: 50 });
  onTestFinished(() => watching.close());
  return { directory, path, onChange, watching };
};

const called = (onChange: ReturnType<typeof vi.fn>, times: number) =>
  vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(times), { timeout: 3000 });

test("a write is seen", async () => {
  const { path, onChange } = await setup();
  await writeFile(path, "2");
  await called(onChange, 1);
});

test("a replacement by rename is seen, again and again", async () => {
  const { directory, path, onChange } = await setup();
  for (const times of [1, 2, 3]) {
    await writeFile(join(directory, "new"), `version ${times}`);
    await rename(join(directory, "new"), path);
    await called(onChange, times);
    await delay(100);
  }
});

test("removal and return are seen", async () => {
  const { path, onChange } = await setup();
  await unlink(path);
  await called(onChange, 1);
  await writeFile(path, "2");
  await called(onChange, 2);
});

test("many writes in a row are one change", async () => {
  const { path, onChange } = await setup();
  for (let count = 0; count < 10; count += 1) await writeFile(path, `${count}`);
  await called(onChange, 1);
  await delay(200);
  expect(onChange).toHaveBeenCalledTimes(1);
});

test("other files beside it, and below, are not looked at", async () => {
  const { directory, onChange } = await setup();
  await writeFile(join(directory, "other.json"), "1");
  await mkdir(join(directory, "below"));
  await writeFile(join(directory, "below", "connections.json"), "1");
  await delay(300);
  expect(onChange).not.toHaveBeenCalled();
});

test("nothing is told after the end", async () => {
  const { path, onChange, watching } = await setup();
  await writeFile(path, "2");
  await watching.close();
  await delay(200);
  expect(onChange).not.toHaveBeenCalled();
});
