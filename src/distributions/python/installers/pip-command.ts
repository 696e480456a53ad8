/** Finds a pip that works for an interpreter. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import { installHint } from "../interpreter.ts";
import { type ProgramResult, runProgram } from "../program.ts";

/** `install --dry-run --report` came with pip 22.2, `--python` with 22.3. */
const OLDEST: [number, number] = [22, 3];

const MISSING = /No module named '?(pip|pip\.__main__)'?\b/;
const TOO_OLD = /no such option: --(report|dry-run)/;

async function version(pip: readonly string[], cwd: string): Promise<[number, number] | undefined> {
  try {
    const { exitCode, stdout } = await runProgram({ command: [...pip, "--version"], cwd });
    const [, major, minor] = /^pip (\d+)\.(\d+)/m.exec(stdout) ?? [];
    return exitCode === 0 && major ? [Number(major), Number(minor)] : undefined;
  } catch {
    return undefined;
  }
}

async function isGood(pip: readonly string[], cwd: string): Promise<boolean> {
  const found = await version(pip, cwd);
  return (
    found !== undefined &&
    (found[0] > OLDEST[0] || (found[0] === OLDEST[0] && found[1] >= OLDEST[1]))
  );
}

/** Interpreters on the PATH that may have a pip for this one. */
function otherInterpreters(executable: string): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const all = folders.flatMap((folder) => ["python3", "python"].map((name) => join(folder, name)));
  return [...new Set(["/usr/bin/python3", ...all])].filter(
    (other) => other !== executable && existsSync(other),
  );
}

/** The directory of virtual environments that contain only pip. */
function cacheFolder(executable: string): string {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(caches, "hostout", "pip", encodeURIComponent(executable).slice(-150));
}

async function makePrivatePip(
  executable: string,
  report: Reporter<EngineEvent>,
): Promise<string[] | undefined> {
  const folder = cacheFolder(executable);
  const pip = [join(folder, "bin", "python"), "-m", "pip"];
  if (await isGood(pip, "/")) return pip;
  report({ type: "pip-preparing", executable });
  await mkdir(dirname(folder), { recursive: true });
  const workshop = await mkdtemp(join(dirname(folder), `.${basename(folder).slice(-40)}-`));
  try {
    const fresh = join(workshop, "pip");
    const command = [executable, "-m", "venv", fresh];
    const { exitCode, all } = await runProgram({ command, cwd: workshop });
    if (exitCode !== 0) {
      report({ type: "output", program: "venv", line: all });
      return undefined;
    }
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
    return (await isGood(pip, "/")) ? pip : undefined;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function findOther(executable: string, report: Reporter<EngineEvent>): Promise<string[]> {
  for (const other of otherInterpreters(executable)) {
    const pip = [other, "-m", "pip"];
    if (await isGood(pip, "/")) return [...pip, "--python", executable];
  }
  const own = await makePrivatePip(executable, report);
  if (own !== undefined) return own;
  const hint = installHint();
  throw new BuildoutError(
    "pip-missing",
    `There is no working pip for ${executable} (version ${OLDEST.join(".")} or newer).`,
    { ...(hint && { hint }) },
  );
}

/** The pips of one run, by interpreter, each looked up once. */
export class Pips {
  private readonly known = new Map<string, string[]>();
  /** Hosts already reported for their visible logins. */
  readonly visibleLogins = new Set<string>();

  /**
   * Runs `action` with the command of a pip that installs for the interpreter: its own or, if that is
   * missing or too old, another interpreter's or one in a new virtual environment. Throws `pip-missing`.
   */
  async run(
    executable: string,
    report: Reporter<EngineEvent>,
    action: (pip: string[]) => Promise<ProgramResult>,
  ): Promise<ProgramResult> {
    const found = this.known.get(executable);
    if (found !== undefined) return action(found);
    const own = [executable, "-m", "pip"];
    const result = await action(own);
    if (result.exitCode === 0 || !(MISSING.test(result.all) || TOO_OLD.test(result.all))) {
      this.known.set(executable, own);
      return result;
    }
    const other = await findOther(executable, report);
    this.known.set(executable, other);
    return action(other);
  }
}
