import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Elsewhere there are no tests, and an image that is being made holds a whole system, with links that lead in circles.
    dir: "test",
    // Many tests wait for programs that they have started; on two cores there would be one worker only.
    maxWorkers: 2,
  },
});
