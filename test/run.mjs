// `npm test`: lint, type check, then the tests. `--unit`, `--hosts`, `--cloud`, `--packages` and `--parity`
// run only the tests of that kind (test/kinds.ts). Other arguments select test files of any kind. Ends with
// one line that counts all of them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const counts = { passed: 0, failed: 0, skipped: 0 };

function step(name, command, args) {
  console.log(`\n${name}: ${command} ${args.join(" ")}`);
  const { status } = spawnSync(join(root, "node_modules/.bin", command), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return status === 0;
}

const words = process.argv.slice(2);
const kinds = ["unit", "hosts", "cloud", "packages", "parity"].filter((kind) =>
  words.includes(`--${kind}`),
);
const filters = words.filter((word) => !word.startsWith("--"));
process.env.HOSTOUT_TESTS = kinds[0] ?? (filters.length > 0 ? "everything" : "test");

const CHECKS = [
  ["Lint", "biome", "check", "--error-on-warnings", "."],
  ["Unused code", "knip", "--no-config-hints"],
  ["Shell programs", "../../test/shellcheck.mjs"],
  ["Spelling", "cspell", "lint", "--no-progress", "--no-summary"],
  ["Type check", "tsc", "-p", "tsconfig.json"],
];
for (const [name, command, ...args] of kinds.length > 0 ? [] : CHECKS) {
  counts[step(name, command, args) ? "passed" : "failed"] += 1;
}

const scratch = mkdtempSync(join(tmpdir(), "hostout-test-"));
const report = join(scratch, "report.json");
const clean = step("Tests", "vitest", [
  "run",
  "--config=test/vitest.config.ts",
  "--reporter=default",
  "--reporter=json",
  "--reporter=./test/timing.ts",
  `--outputFile.json=${report}`,
  ...filters,
]);
try {
  const result = JSON.parse(readFileSync(report, "utf8"));
  counts.passed += result.numPassedTests;
  counts.failed += result.numFailedTests;
  counts.skipped += result.numPendingTests + result.numTodoTests;
} catch (error) {
  console.error(`The tests left no report: ${error.message}`);
}
rmSync(scratch, { recursive: true, force: true });
// A file that cannot be loaded fails the run without failing a test.
if (!clean && counts.failed === 0) counts.failed += 1;
const inCi = Boolean(process.env.CI) && counts.skipped > 0;
if (inCi) console.error("In CI no test may be skipped.");
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || inCi ? 1 : 0;
