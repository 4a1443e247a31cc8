import type { Reporter, TestModule } from "vitest/node";

/** Ends a run of the unit tests with the line that the rest of `npm test` uses too: "N passed, N failed". */
const countReporter: Reporter = {
  onTestRunEnd: (modules: readonly TestModule[], errors) => {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const failed = tests.filter((test) => test.result().state === "failed").length + brokenModules + errors.length;
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  },
};

// vitest takes a reporter's module by its default export.
export default countReporter;
