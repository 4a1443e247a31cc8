import { watch } from "chokidar";

/** Tells that something in a directory changed; what it was is for the receiver to look up. */
export interface DirectoryWatch {
  close(): Promise<void>;
}

export interface DirectoryEvents {
  readonly onEvent: () => void;
  readonly onError: (error: unknown) => void;
}

export type WatchDirectories = (directories: readonly string[], events: DirectoryEvents) => Promise<DirectoryWatch>;

/** chokidar on the directories themselves, not below; resolves once every later change is seen. */
export const watchDirectories: WatchDirectories = async (directories, { onEvent, onError }) => {
  const watcher = watch([...directories], { depth: 0, ignoreInitial: true, followSymlinks: false });
  watcher.on("all", onEvent).on("error", onError);
  await new Promise<void>((resolve) => {
    watcher.once("ready", resolve);
  });
  return watcher;
};
