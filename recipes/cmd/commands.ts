import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BuildoutError, runCommand } from "../../src/index.ts";

/**
 * Runs the lines of an option in a shell, from a file, in `directory`. Throws `command-failed`, which is an
 * internal error in the original.
 */
export async function runCommands(text: string, shell: string, directory: string): Promise<void> {
  if (text.trim() === "") return;
  const folder = await mkdtemp(path.join(tmpdir(), "buildout-"));
  try {
    const file = path.join(folder, "run");
    const lines = text.trim().split("\n");
    await writeFile(file, lines.map((line) => line.trim()).join("\n"));
    const command = `${shell} '${file}'`;
    const status = await runCommand({ command, directory });
    if (status === 0) return;
    const how =
      status < 0 ? `was ended by signal ${-status}` : `returned non-zero exit status ${status}`;
    throw new BuildoutError("command-failed", `The commands, run by '${shell}', ${how}.`, {
      ...(status === 127 && { hint: "A required program is missing." }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
