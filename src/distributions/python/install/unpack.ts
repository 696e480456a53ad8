/** Unpacks wheels without pip: on all processors, and each into a folder of its own. */
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Assignment, fileSource, type Installer } from "../installers/installer.ts";
import { WHEEL_SCRIPT } from "../installers/wheel-script.ts";
import { runProgram } from "../program.ts";

/** A wheel on this machine. */
export interface Wheel {
  name: string;
  file: string;
  /** `sha256=...`, where it is not known to be what it should be. */
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

/** As many groups as are worth a process, none much larger than another. */
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

/** Those that are for pip. */
async function unpackGroup(executable: string, tasks: readonly Task[]): Promise<Task[]> {
  const list = JSON.stringify(tasks.map(({ file, hash = "", target }) => [file, hash, target]));
  const command = [executable, "-I", "-S", "-c", WHEEL_SCRIPT, list];
  const { exitCode, stdout } = await runProgram({ command, cwd: tasks[0]!.target });
  // What Python itself says is pip's affair, too.
  if (exitCode !== 0) return [...tasks];
  return (JSON.parse(stdout) as number[]).map((number) => tasks[number]!);
}

/**
 * Folders with a distribution each, as pip would install it. What is wrong with a wheel, the
 * installer tells: throws InstallerFailure.
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
