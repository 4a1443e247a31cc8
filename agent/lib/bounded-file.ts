import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { messageOf, SpacegateError } from "./errors.ts";

const MAX_BYTES = 256 * 1024;

export interface BoundedFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

const refuse = (path: string, message: string, cause?: unknown): SpacegateError =>
  new SpacegateError("HOST_READ_FAILED", `${path} ${message}`, {
    fix: "Put a right file in its place, readable by the agent; it is read again at once.",
    cause,
  });

/** The text of a small regular file and its mode, from one look at it. Rejects with HOST_READ_FAILED. */
export const readBounded = async (path: string): Promise<BoundedFile> => {
  try {
    // Without O_NONBLOCK a named pipe would hold the agent until someone writes into it.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = await handle.stat();
    if (!status.isFile()) throw refuse(path, "is not a regular file.");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw refuse(path, "is larger than 256 KiB.");
    return { text: buffer.subarray(0, bytesRead).toString("utf8"), mode: status.mode & 0o777 };
  } catch (thrown) {
    if (thrown instanceof SpacegateError) throw thrown;
    throw refuse(path, `cannot be read: ${messageOf(thrown)}`, thrown);
  }
};
