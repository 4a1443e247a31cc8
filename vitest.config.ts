import { defineConfig } from "vitest/config";

// Elsewhere there are no tests, and an image that is being made holds a whole system, with links that lead in circles.
export default defineConfig({ test: { dir: "test" } });
