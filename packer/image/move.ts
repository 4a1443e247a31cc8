import { copyFile, rename, rm } from "node:fs/promises";

/** Moves a file, across file systems too, and puts it into its place as a whole. */
export const moveTo = async (from: string, to: string): Promise<void> => {
  const beside = `${to}.new`;
  try {
    await copyFile(from, beside);
    await rename(beside, to);
  } finally {
    await rm(beside, { force: true });
  }
  await rm(from);
};
