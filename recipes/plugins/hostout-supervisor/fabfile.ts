import { api, BuildoutError, type CommandResult, quote, task } from "../../../src/index.ts";

const option = (name: string) => String(api.env[name] ?? "");
const isTrue = (name: string) => /^(true|yes|on|1)$/i.test(option(name));
const isFalse = (name: string) => /^(false|no|off|0)?$/i.test(option(name));

/** Root's supervisord; as in the original, the option can name its part. */
const isRoots = () => !isFalse("sudosupervisor");
const partName = () =>
  isRoots() && !isTrue("sudosupervisor")
    ? option("sudosupervisor")
    : option("supervisor") || "supervisor";
const daemon = () => `bin/${partName()}d`;
const control = () => `bin/${partName()}ctl`;

/** Milliseconds between checks of a restarting supervisord, and their number. */
const PAUSE = 250;
const LOOKS = 80;

/** Runs as the owner of supervisord: root, the effective user, or the buildout user. */
function asOwner(command: string, options: { quiet?: boolean; warnOnly?: boolean } = {}) {
  if (isRoots()) return api.sudo(command, options);
  const buildoutUser = option("buildout-user") || option("user");
  const user = option("effective-user") || buildoutUser;
  if (user !== buildoutUser) return api.sudo(command, { ...options, user });
  return api.asBuildoutUser(() => api.run(command, options));
}

const ctl = (words: readonly string[], options?: { quiet?: boolean; warnOnly?: boolean }) =>
  asOwner([control(), ...words].map(quote).join(" "), options);

/** Whether supervisord answers. */
async function isUp(): Promise<boolean> {
  return (await ctl(["pid"], { quiet: true, warnOnly: true })).succeeded;
}

async function untilUp(): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (await isUp()) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new BuildoutError("supervisor-down", `${daemon()} does not answer.`, {
    hint: "See its log, named by the option 'logfile' of the supervisor part.",
  });
}

/** Shows the status of the named programs, or of all; warns about those that should be running. */
async function showStatus(names: readonly string[] = []): Promise<CommandResult> {
  const result = await ctl(["status", ...names], { warnOnly: true });
  const down = result.stdout.split("\n").filter((line) => /\s(BACKOFF|FATAL|EXITED)\s/.test(line));
  if (down.length > 0) {
    api.warn(`Not running: ${down.map((line) => line.split(/\s+/)[0]).join(", ")}`);
  }
  return result;
}

/** The names of all programs, as supervisorctl lists them. */
async function programs(): Promise<string[]> {
  const { stdout } = await ctl(["status"], { quiet: true, warnOnly: true });
  return stdout.split("\n").flatMap((line) => /^(\S+)\s+[A-Z]+\b/.exec(line)?.[1] ?? []);
}

/** Restarts one program at a time, so that the others keep serving. */
async function restartInTurn(): Promise<void> {
  await ctl(["update"]);
  for (const name of await programs()) {
    const result = await ctl(["restart", name]);
    if (/ERROR/.test(result.stdout)) {
      throw new BuildoutError("supervisor-restart-failed", `${name} did not restart.`, {
        output: result.stdout,
        hint: "The programs after it were not restarted.",
      });
    }
  }
}

export async function predeploy(...args: unknown[]) {
  const result = await api.super(...args);
  if (result === false || isTrue("rollingrestart")) return result;
  if ((await api.files.exists(control())) && (await isUp())) await ctl(["stop", "all"]);
  return result;
}

export async function postdeploy(...args: unknown[]) {
  const result = await api.super(...args);
  if (result === false) return result;
  if (!(await isUp())) await asOwner(quote(daemon()));
  else if (isTrue("rollingrestart")) await restartInTurn();
  else await ctl(["reload"]);
  await untilUp();
  await showStatus();
  if (isTrue("install-on-startup") || isTrue("init.d")) await supervisorboot();
  return result;
}

export const supervisorstartup = task(
  "Start supervisord, if it is not running",
  async () => {
    if (await isUp()) return api.note(`${daemon()} is running`);
    await asOwner(quote(daemon()));
    await untilUp();
  },
  { changes: true },
);

export const supervisorshutdown = task(
  "Stop supervisord and all its programs",
  async () => {
    if (!(await isUp())) return api.note(`${daemon()} is not running`);
    await ctl(["shutdown"]);
  },
  { changes: true },
);

export const supervisorctl = task(
  "Run a command of supervisorctl; without arguments 'status'",
  async (...words: string[]) => void (await ctl(words.length > 0 ? words : ["status"])),
  { arguments: "[ARGUMENT...]", options: "untouched", example: "supervisorctl pid web" },
);

export const supervisorboot = task(
  "Start supervisord when the host boots",
  () =>
    api.commands.install_bootscript!(
      daemon(),
      `${control()} shutdown`,
      `${option("name")}-${partName()}`,
    ),
  { changes: true },
);

const PROGRAMS = { arguments: "[PROGRAM...]" };

/** A command of supervisorctl for the named programs, or for all. */
const forPrograms = (command: string, description: string) =>
  task(
    description,
    async (...names: string[]) =>
      void (await ctl([command, ...(names.length > 0 ? names : ["all"])])),
    { ...PROGRAMS, changes: true, example: `${command} web` },
  );

export const restart = forPrograms("restart", "Restart all programs, or those named");
export const start = forPrograms("start", "Start all programs, or those named");
export const stop = forPrograms("stop", "Stop all programs, or those named");
export const status = task(
  "Show the status of the host and of all programs, or of the programs named",
  async (...names: string[]) => {
    const host = names.length === 0 ? await api.super() : undefined;
    const { returnCode } = await showStatus(names);
    // Status 3 means that some are not running; other failures mean that the status is unknown.
    if (returnCode !== 0 && returnCode !== 3) return false;
    return host;
  },
  { ...PROGRAMS, example: "status web" },
);
export const tail = task(
  "Show the end of a program's output",
  async (...words: string[]) => void (await ctl(["tail", ...words])),
  {
    arguments: "[-f|-BYTES] PROGRAM [stdout|stderr]",
    options: "untouched",
    example: "tail -f web",
  },
);
