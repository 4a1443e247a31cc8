import { dirname, resolve } from "node:path";
import { watch } from "chokidar";

export interface FileWatch {
  /** No call of `onChange` comes after this was called. */
  close(): Promise<void>;
}

export interface WatchOptions {
  /** Quiet time after the last event before `onChange` is called, milliseconds. */
  readonly debounceMs?: number;
  /** The watch itself failed (no inotify left): whoever polls still sees changes. */
  readonly onError?: (thrown: unknown) => void;
}

/**
 * Calls `onChange` when the file is written, replaced, made or removed. The directory is watched, not the file: a file
 * that was put in place by a rename is another file. Resolves when the watch sees everything from now on.
 */
export const watchFile = async (path: string, onChange: () => void, options: WatchOptions = {}): Promise<FileWatch> => {
  const file = resolve(path);
  const directory = dirname(file);
  const watcher = watch(directory, { depth: 0, ignoreInitial: true, ignored: (seen) => seen !== directory && seen !== file });
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (_event, seen) => {
    if (resolve(seen) !== file) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, options.debounceMs ?? 100);
  });
  watcher.on("error", (thrown) => options.onError?.(thrown));
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return {
    close: async () => {
      clearTimeout(timer);
      watcher.removeAllListeners("all");
      await watcher.close();
    },
  };
};
