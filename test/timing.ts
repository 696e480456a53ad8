import { availableParallelism, loadavg } from "node:os";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { place, SLOW } from "./kinds.ts";

/** On an idle machine no test may need more of its limit than this part: others' load is not our failure. */
const MARGIN = 5;
/** Maximum seconds for a file of the unit tests. */
const QUICK = 10;
const LISTED = 15;

/** Prints where the time was spent, and which tests come too close to their limit. */
export default class Timing implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
    const files = modules
      .map((module) => ({ module, duration: module.diagnostic().duration }))
      .sort((a, b) => b.duration - a.duration);
    const name = (module: TestModule) => relative(process.cwd(), module.moduleId);
    if (files.length > LISTED) {
      console.log("\nWhere the time went:");
      for (const { module, duration } of files.slice(0, LISTED)) {
        console.log(`  ${seconds(duration).padStart(8)}  ${name(module)}`);
      }
    }
    // A busy machine proves nothing about limits. Two workers alone result in a load of about three.
    if (loadavg()[0]! > 2 * availableParallelism()) return;
    for (const { module, duration } of files) {
      if (place(module.moduleId) === SLOW.length && duration > QUICK * 1000) {
        console.log(`${name(module)} took ${seconds(duration)}: is it slow (test/kinds.ts)?`);
      }
      for (const test of module.children.allTests()) {
        const limit = test.options.timeout ?? 0;
        const took = test.diagnostic()?.duration ?? 0;
        if (limit > 0 && took * MARGIN > limit) {
          console.log(
            `${name(module)}: '${test.name}' took ${seconds(took)} of ${seconds(limit)}: raise the limit`,
          );
        }
      }
    }
  }
}
