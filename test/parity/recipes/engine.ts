/**
 * Runs this engine again and again in one process. Each message is a request with a directory and assignments;
 * the response is the exit status. Output is printed by this process.
 */
import { writeSync } from "node:fs";
import { nativeExtensions, nativeRecipes } from "../../../recipes/index.ts";
import { installInProcess } from "../../support/in-process.ts";

interface Request {
  readonly directory: string;
  readonly assignments: readonly string[];
}

async function run({ directory, assignments }: Request): Promise<number> {
  process.chdir(directory);
  process.env.HOME = process.env.PWD = directory;
  const print = (text: string) => void writeSync(1, text);
  const extensions = nativeExtensions({
    argv: ["buildout", ...assignments],
    commandGiven: false,
    ask: async () => undefined,
    print: (line) => print(`${line}\n`),
  });
  const request = { assignments, env: process.env, recipes: nativeRecipes, extensions };
  try {
    return (await installInProcess(directory, request, print)) === undefined ? 0 : 1;
  } catch (error) {
    print(`No error of buildout: ${(error as Error).stack}\n`);
    return 1;
  }
}

process.on("message", async (request: Request) => process.send!(await run(request)));
