/** Unpacks wheels without pip: in parallel, each into its own directory. */
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Assignment, fileSource, type Installer } from "../installers/installer.ts";
import { WHEEL_SCRIPT } from "../installers/wheel-script.ts";
import { runProgram } from "../program.ts";

/** A local wheel. */
export interface Wheel {
  name: string;
  file: string;
  /** `sha256=...`, unless it has been verified already. */
  hash?: string | undefined;
}

/** The wheels in a folder. */
export async function wheelsIn(folder: string): Promise<Wheel[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".whl"));
  return files.sort().map((file) => ({ name: file.split("-")[0]!, file: join(folder, file) }));
}

interface Task extends Wheel {
  target: string;
  size: number;
}

/** Balanced groups, as many as are worth a process. */
function shared(tasks: readonly Task[]): Task[][] {
  const count = Math.min(availableParallelism(), tasks.length);
  const groups = Array.from({ length: count }, () => ({ size: 0, tasks: [] as Task[] }));
  for (const task of [...tasks].sort((a, b) => b.size - a.size)) {
    const smallest = groups.reduce((a, b) => (b.size < a.size ? b : a));
    smallest.tasks.push(task);
    smallest.size += task.size;
  }
  return groups.map((group) => group.tasks);
}

/** Those left to pip. */
async function unpackGroup(executable: string, tasks: readonly Task[]): Promise<Task[]> {
  const list = JSON.stringify(tasks.map(({ file, hash = "", target }) => [file, hash, target]));
  const command = [executable, "-I", "-S", "-c", WHEEL_SCRIPT, list];
  const { exitCode, stdout } = await runProgram({ command, cwd: tasks[0]!.target });
  // Leave errors of Python itself to pip, too.
  if (exitCode !== 0) return [...tasks];
  return (JSON.parse(stdout) as number[]).map((number) => tasks[number]!);
}

/**
 * Directories with one distribution each, as installed by pip. Problems with a wheel are reported by the
 * installer: throws InstallerFailure.
 */
export async function unpackWheels(
  wheels: readonly Wheel[],
  assignment: Assignment,
  installer: Installer,
): Promise<string[]> {
  const folder = await mkdtemp(join(assignment.workshop, "unpacked-"));
  const tasks = await Promise.all(
    wheels.map(async (wheel, at): Promise<Task> => {
      const target = join(folder, String(at));
      await mkdir(target);
      return { ...wheel, target, size: (await stat(wheel.file)).size };
    }),
  );
  const { executable } = assignment.interpreter;
  const groups = await Promise.all(shared(tasks).map((group) => unpackGroup(executable, group)));
  for (const { name, file, hash, target } of groups.flat()) {
    await rm(target, { recursive: true });
    await mkdir(target);
    const source = fileSource(name, file) + (hash === undefined ? "" : `#${hash}`);
    await installer.install(assignment, [source], target);
  }
  return tasks.map(({ target }) => target);
}
