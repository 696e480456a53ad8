import type { Log } from "../../src/index.ts";
import type { Source } from "./sources.ts";
import { requireTool } from "./working-copy.ts";

/** Fetches missing submodules. Existing ones stay unchanged, since they may contain work. Returns git's output. */
export async function initializeSubmodules(source: Source, log: Log): Promise<string> {
  const { name, path } = source;
  const failure = `git submodule update of '${name}' failed.`;
  // One line for each: a state (`-`: missing), the commit, the path.
  const state = await requireTool("git", ["submodule", "status"], path, failure);
  const missing = state.split("\n").flatMap((line) => /^-\S+ (.*)$/.exec(line)?.[1] ?? []);
  let output = "";
  for (const submodule of missing) {
    const args = ["submodule", "update", "--init", "--", submodule];
    output += await requireTool("git", args, path, failure);
    log.info(`Initialized '${name}' submodule at '${submodule}' with git.`);
  }
  return output;
}
