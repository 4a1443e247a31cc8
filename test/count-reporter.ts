import type { Reporter, TestModule } from "vitest/node";

/** Ends a run of the unit tests with the line that the rest of `npm test` uses too: "N passed, N failed". */
class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const failed = tests.filter((test) => test.result().state === "failed").length + brokenModules + errors.length;
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}

// vitest makes a reporter from its module's default export.
export default CountReporter;
