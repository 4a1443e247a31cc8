export type Limit = <T>(job: () => Promise<T>) => Promise<T>;

/** Runs at most `count` jobs at a time, the others in the order in which they came. */
export const createLimit = (count: number): Limit => {
  const queue: (() => void)[] = [];
  let free = count;
  const release = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  return async (job) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await job();
    } finally {
      release();
    }
  };
};
