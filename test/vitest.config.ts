import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { embedPythonInTests } from "../build/embed.mjs";
import { chosen } from "./kinds.ts";
import { SlowFirst } from "./sequencer.ts";

/** A file or a directory below test/ as a pattern. */
const inTest = (name: string) =>
  `test/${name}${name === "" || name.endsWith("/") ? "**/*.test.ts" : ""}`;
const { include, exclude } = chosen();

/**
 * The PATH without launchers that search for the program first (pyenv's, rustup's): each start of pip runs two
 * of them, and the tests start it hundreds of times.
 */
const PATH = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !/\/(shims|\.cargo\/bin)$/.test(folder))
  .join(delimiter);

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  plugins: [embedPythonInTests],
  test: {
    include: include.map(inTest),
    exclude: exclude.map(inTest),
    sequence: { sequencer: SlowFirst },
    // One more than the cores of a small machine: many tests wait for servers, hosts and time-outs.
    maxWorkers: 3,
    // No test downloads from the public index: pip and uv only find what a test provides.
    env: {
      PATH,
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: "http://127.0.0.1:9/no-index/",
      PIP_EXTRA_INDEX_URL: "",
      PIP_FIND_LINKS: "",
      PIP_RETRIES: "0",
      UV_NO_CONFIG: "1",
      UV_DEFAULT_INDEX: "http://127.0.0.1:9/no-index/",
    },
    // For tests that hang: far more than any test needs on an idle machine (test/timing.ts checks that).
    testTimeout: 600_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
