import path from "node:path";
import { hasEnding, whenInterrupted } from "./ending.ts";
import { killTree } from "./process-tree.ts";

export interface ProcessRequest {
  command: string;
  args: string[];
  cwd: string;
  /** Searched before the directories in PATH. */
  pathFirst?: string;
  /** Added to our own environment. */
  env?: Record<string, string>;
}

export interface ProcessResult {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  /** stdout and stderr in order of arrival. */
  all: string;
}

/**
 * Variables that an enclosing `npm run` or git hook sets for its own project, which would mislead npm or
 * git in another directory. The user's settings (`npm_config_*`) stay.
 */
const OF_ANOTHER_PROJECT =
  /^(npm_(package|lifecycle)_.*|npm_config_(local_prefix|prefix|workspaces?|global)|INIT_CWD|GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX))$/;

/** Runs a program to its end and returns its output, whatever its exit status. */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  const { execa } = await import("execa");
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_ANOTHER_PROJECT.test(name)),
  );
  if (request.pathFirst !== undefined) {
    env.PATH = [request.pathFirst, env.PATH].filter(Boolean).join(path.delimiter);
  }
  const child = execa(request.command, request.args, {
    cwd: request.cwd,
    env: { ...env, LC_ALL: "C", ...request.env },
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
    maxBuffer: 200_000_000,
    // Away from the terminal's Ctrl-C, where the run ends it: with several hosts the first one ends nothing.
    detached: hasEnding(),
  });
  const forget = whenInterrupted(() => child.pid !== undefined && killTree(child.pid));
  const result = await child.finally(forget);
  if (result.exitCode === undefined && result.signal === undefined) {
    throw result.cause ?? new Error(result.shortMessage);
  }
  const { exitCode, signal, stdout, all } = result;
  return { exitCode, signal, stdout, all };
}

/** The last lines of a program's output, for an error. */
export function lastLines(output: string, count = 40): string {
  return output.trimEnd().split("\n").slice(-count).join("\n");
}
