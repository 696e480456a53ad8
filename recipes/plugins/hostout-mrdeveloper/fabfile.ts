import { relative } from "node:path";
import { api, BuildoutError, task } from "../../../src/index.ts";

/** How a version control system tells what is not committed, and what is not pushed. */
interface Checks {
  /** Answers in a working copy. */
  probe: string;
  uncommitted: string;
  /** Empty where there is nowhere to push to. */
  unpushed: string;
}

const SYSTEMS: Checks[] = [
  {
    probe: "git rev-parse --is-inside-work-tree",
    uncommitted: "git status --porcelain -- .",
    unpushed: 'if [ -n "$(git remote)" ]; then git log --oneline HEAD --not --remotes -- .; fi',
  },
  {
    probe: "hg root",
    uncommitted: "hg status .",
    unpushed:
      "if [ -n \"$(hg paths -q)\" ]; then hg log --template '{node|short} {desc|firstline}\\n' -r 'draft() and ::.' .; fi",
  },
  { probe: "svn info", uncommitted: "svn status", unpushed: "" },
];

async function lines(folder: string, command: string): Promise<string[] | undefined> {
  const result = await api.lcd(folder, () =>
    api.hide("everything", () => api.local(command, { capture: true, warnOnly: true })),
  );
  if (result.failed) return undefined;
  return result.stdout.split("\n").filter((line) => line !== "");
}

/** What of a develop folder is not in its repository; undefined where it is in none. */
async function problems(folder: string): Promise<string[] | undefined> {
  for (const { probe, uncommitted, unpushed } of SYSTEMS) {
    if ((await lines(folder, probe)) === undefined) continue;
    const changed = (await lines(folder, uncommitted)) ?? [];
    const ahead = unpushed === "" ? [] : ((await lines(folder, unpushed)) ?? []);
    return [
      ...changed.map((line) => `not committed: ${line}`),
      ...ahead.map((line) => `not pushed: ${line}`),
    ];
  }
  return undefined;
}

/** Throws `sources-not-pushed` where a develop package is not wholly in its repository. */
async function check(): Promise<void> {
  const found: string[] = [];
  for (const folder of api.project.packages) {
    const shown = relative(api.project.directory, folder) || ".";
    const told = await problems(folder);
    if (told === undefined) api.warn(`${shown} is in no working copy; nothing is known about it`);
    else if (told.length > 0) found.push(`${shown}:`, ...told.map((line) => `  ${line}`));
  }
  if (found.length === 0) return;
  throw new BuildoutError(
    "sources-not-pushed",
    "Develop packages are not as they are in their repositories.",
    {
      output: found.join("\n"),
      hint: "Commit and push them, so that this release can be made again.",
    },
  );
}

export async function predeploy(...args: unknown[]) {
  await check();
  return api.super(...args);
}

export const checksources = task(
  "Tell develop packages that are not committed or not pushed",
  check,
);
