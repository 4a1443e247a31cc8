import { watch } from "chokidar";

/** Tells that something in a directory changed; what it was is for the receiver to look up. */
export interface DirectoryWatch {
  /** One more directory; one that is watched already changes nothing. */
  add(directory: string): void;
  close(): Promise<void>;
}

export interface DirectoryEvents {
  readonly onEvent: () => void;
  readonly onError: (error: unknown) => void;
}

export type WatchDirectory = (directory: string, events: DirectoryEvents) => Promise<DirectoryWatch>;

/** chokidar on the directory itself, not below; resolves once every later change is seen. */
export const watchDirectory: WatchDirectory = async (directory, { onEvent, onError }) => {
  const watcher = watch(directory, { depth: 0, ignoreInitial: true, followSymlinks: false });
  watcher.on("all", onEvent).on("error", onError);
  await new Promise<void>((resolve) => {
    watcher.once("ready", resolve);
  });
  return { add: (another) => void watcher.add(another), close: () => watcher.close() };
};
