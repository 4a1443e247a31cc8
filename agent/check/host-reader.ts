/** Reads files of the host; a path that is not there, or may not be read, is undefined or empty. */
export interface HostReader {
  text(path: string): Promise<string | undefined>;
  names(path: string): Promise<readonly string[]>;
  /** Where a symbolic link leads. */
  link(path: string): Promise<string | undefined>;
  /** Permission bits and owner. */
  stat(path: string): Promise<{ readonly mode: number; readonly uid: number } | undefined>;
}

/** Runs a program to its end. Rejects when it cannot be started or is late. */
export interface Commands {
  run(file: string, args: readonly string[], timeoutMs: number): Promise<{ readonly exitCode: number; readonly output: string }>;
}
