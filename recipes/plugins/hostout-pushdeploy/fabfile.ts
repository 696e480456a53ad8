import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  api,
  BuildoutError,
  quote,
  shellCommand,
  task,
  words as wordsOf,
  writeFileAtomically,
} from "../../../src/index.ts";
import { checkHost, isFolderThere, onHost } from "./host.ts";
import missingPrograms from "./missing-programs.sh?raw";
import notePushed from "./note-pushed.sh?raw";
import { relocatedCopy } from "./relocate.ts";
import { buildCommand, places, writeStaging } from "./staging.ts";
import { interpreters, isLeftOut, syncOptions, topNames } from "./tree.ts";

const option = (name: string) => String(api.env[name] ?? "").trim();
const words = (name: string) => wordsOf(option(name));

/** Contains the completely built release; missing during and after an incomplete build. */
const stagedFile = (staging: string) => join(staging, ".hostout/staged");

/** Copies the host's data, if any. */
async function pullData(staging: string, path: string): Promise<void> {
  for (const folder of words("data")) {
    if (/^\/|(^|\/)\.\.(\/|$)/.test(folder)) {
      throw new BuildoutError("outside-buildout", `'${folder}' is not below the buildout.`);
    }
    if (!(await isFolderThere(`${path}/${folder}`))) {
      api.note(`${api.env.name} has no ${folder} yet`);
      continue;
    }
    await api.asBuildoutUser(() =>
      api.rsync(`${join(staging, folder)}/`, `${path}/${folder}/`, {
        download: true,
        delete: true,
        exclude: words("data-exclude"),
      }),
    );
    api.note(`${folder} here now matches ${api.env.name}`);
  }
}

export const stage = task("Build a staging copy on this machine", async () => {
  const { staging, path, cache } = places();
  await checkHost(staging, path);
  if (/^(true|yes|on|1)$/i.test(option("stage-data"))) await pullData(staging, path);
  rmSync(stagedFile(staging), { force: true });
  const release = await api.release({ cache });
  api.note(`Building release ${release.id} in ${staging}`);
  const written = await writeStaging(release, staging, cache);
  const { pip, pipPlaces, localLogins } = written;
  for (const host of option("engine") === "python" ? written.visibleLogins : []) {
    api.warn(`The login of ${host} is visible in the process list while pip builds`);
  }
  // Readable only by the owner, and outside the tree that goes to the host.
  const secrets = mkdtempSync(join(tmpdir(), "hostout-"));
  const secret = (name: string, text: string) => {
    writeFileSync(join(secrets, name), text, { mode: 0o600 });
    return join(secrets, name);
  };
  try {
    const logins = await localLogins();
    const files = {
      places: secret("places.txt", pipPlaces.map((line) => `${line}\n`).join("")),
      netrc: logins === "" ? undefined : secret("netrc", logins),
    };
    for (const line of buildCommand(release, option("engine"), pip, files)) {
      await api.lcd(staging, () => api.local(line));
    }
  } finally {
    rmSync(secrets, { recursive: true });
  }
  writeFileAtomically(stagedFile(staging), `${release.id}\n`);
});

/** Throws `not-staged`. */
function stagedRelease(staging: string): string {
  try {
    return readFileSync(stagedFile(staging), "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new BuildoutError("not-staged", `There is no complete build in ${staging}.`, {
      hint: `Run 'bin/hostout ${api.env.name} stage push restart', or 'deploy' for all of it.`,
    });
  }
}

/** Throws `interpreter-missing` if a script would not start on the host. */
async function checkInterpreters(staging: string, path: string): Promise<void> {
  const needed = [...interpreters(join(staging, "bin"))].filter(
    ([program]) => !program.startsWith(`${staging}/`) && !program.startsWith(`${path}/`),
  );
  if (needed.length === 0) return;
  const programs = needed.map(([program]) => program);
  const { stdout } = await onHost(shellCommand(missingPrograms, programs));
  const missing = needed.filter(([program]) => stdout.split("\n").includes(program));
  if (missing.length === 0) return;
  throw new BuildoutError(
    "interpreter-missing",
    `${api.env.name} lacks the interpreter of some scripts in this build.`,
    {
      output: missing.map(([program, script]) => `bin/${script}: ${program}`).join("\n"),
      hint: "Install it there in the same place, or deploy without hostout.pushdeploy.",
    },
  );
}

/** The tree for the host. */
function preparedTree(staging: string, path: string): string {
  if (staging === path) return staging;
  const copy = join(staging, ".hostout/relocated");
  relocatedCopy({ from: staging, to: path, copy, isLeftOut });
  return copy;
}

export const push = task(
  "Send the staging copy to the host",
  async () => {
    const { staging, path } = places();
    const release = stagedRelease(staging);
    const tree = preparedTree(staging, path);
    if (!(await isFolderThere(path))) {
      api.note(`${path} is not on the host: bootstrapping it first`);
      if ((await api.commands.bootstrap!()) === false) return false;
    }
    await checkInterpreters(staging, path);
    const state = `${path}/.hostout`;
    const names = topNames(tree);
    // Record what a push sends beforehand, so that an interrupted push leaves no unknown files.
    const { stdout } = await onHost(`cat ${quote(`${state}/pushed`)} 2>/dev/null || :`);
    const former = stdout.split("\n").filter((name) => /^[^/]+$/.test(name) && !isLeftOut(name));
    const all = [...new Set([...names, ...former])].sort();
    const note = (list: readonly string[], sent = "") =>
      onHost(shellCommand(notePushed, [state, sent, ...list]), { label: `noting in ${state}` });
    await note(all);
    await api.asBuildoutUser(() =>
      api.rsync(`${tree}/`, `${path}/`, { delete: true, options: syncOptions(all) }),
    );
    await note(names, release);
    if (option("effective-user") !== "") await api.commands.setowners!();
    api.note(`Release ${release} is on ${api.env.name}`);
    return true;
  },
  { changes: true },
);

export const restart = task(
  "Run the commands in the option 'restart' on the host",
  async () => {
    const lines = option("restart").split("\n");
    const buildoutUser = option("buildout-user") || option("user");
    const user = option("effective-user") || buildoutUser;
    for (const line of lines.map((one) => one.trim()).filter((one) => one !== "")) {
      const [, asRoot] = /^sudo\s+(.*)$/.exec(line) ?? [];
      await api.prefix("umask 027", async () => {
        if (asRoot !== undefined) await api.sudo(asRoot);
        else if (user !== buildoutUser) await api.sudo(line, { user });
        else await api.asBuildoutUser(() => api.run(line));
      });
    }
  },
  { changes: true },
);

export const deploy = task("Stage, push and restart", async () => {
  for (const step of ["stage", "push", "restart"]) {
    if ((await api.commands[step]!()) === false) return false;
  }
  return true;
});
