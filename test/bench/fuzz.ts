/*
 * `npm run fuzz [-- --bytes N --seed N]`: garbage and mutated recordings of a real charon go into the VICI framer and decoder and
 * into the parser of `ipsec statusall`, ten million bytes each. Nothing may crash, hang or hoard.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../agent/lib/errors.ts";
import type { FuzzOrder, FuzzProgress } from "./fuzz-worker.ts";

/** No progress for so long is a hang: an input of some kilobytes takes a millisecond. */
const HANG_MS = 10_000;
/** The worker's heap ends here; what is left after 10 MB of inputs is a tenth of it. */
const HEAP_MB = 128;
const HELD_MB = 100;

const { values } = parseArgs({
  options: { bytes: { type: "string", default: "10000000" }, seed: { type: "string", default: "20261122" } },
});

/** Rejects when the worker crashes, hangs or holds too much. */
const fuzz = (order: FuzzOrder): Promise<FuzzProgress & { readonly mostHeld: number }> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("fuzz-worker.ts", import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    let last: FuzzProgress | undefined;
    let mostHeld = 0;
    const fail = (why: unknown): void => {
      clearTimeout(timer);
      void worker.terminate();
      reject(new Error(`after ${last?.spent ?? 0} bytes: ${messageOf(why)}`, { cause: why }));
    };
    const hang = () => fail(new Error(`no progress for ${HANG_MS / 1000} s`));
    let timer = setTimeout(hang, HANG_MS);
    worker.on("message", (progress: FuzzProgress) => {
      last = progress;
      mostHeld = Math.max(mostHeld, progress.held / 1e6);
      clearTimeout(timer);
      timer = setTimeout(hang, HANG_MS);
      if (mostHeld > HELD_MB) fail(new Error(`${mostHeld.toFixed(0)} MB are held`));
    });
    worker.on("error", fail);
    worker.on("exit", () => {
      clearTimeout(timer);
      if (last && last.spent >= order.bytes) resolve({ ...last, mostHeld });
      else fail(new Error("the worker ended early"));
    });
  });

const main = async (): Promise<number> => {
  let failed = 0;
  for (const target of ["vici", "statusall"] as const) {
    try {
      const seen = await fuzz({ target, bytes: Number(values.bytes), seed: Number(values.seed) });
      process.stdout.write(
        `${target}: ${seen.spent} bytes in ${seen.inputs} inputs, ${seen.refused} refused, the slowest ${seen.slowestMs.toFixed(1)} ms, at most ${seen.mostHeld.toFixed(1)} MB held\n`,
      );
    } catch (thrown) {
      failed += 1;
      process.stdout.write(`${target} FAILED ${messageOf(thrown)} (seed ${values.seed})\n`);
    }
  }
  return failed === 0 ? 0 : 1;
};

process.exit(await main());
