import { relative } from "node:path";
import { api, BuildoutError, task } from "../../../src/index.ts";

/** How to find uncommitted and unpushed changes with a version control system. */
interface Checks {
  /** Succeeds in a working copy. */
  probe: string;
  uncommitted: string;
  /** Empty if there is nowhere to push to. */
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

/** Changes in a develop directory that are not in its repository; undefined if there is no repository. */
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

/** Throws `sources-not-pushed` if a develop package differs from its repository. */
async function check(): Promise<void> {
  const found: string[] = [];
  for (const folder of api.project.packages) {
    const shown = relative(api.project.directory, folder) || ".";
    const told = await problems(folder);
    if (told === undefined) api.warn(`${shown} is not in a working copy and cannot be checked`);
    else if (told.length > 0) found.push(`${shown}:`, ...told.map((line) => `  ${line}`));
  }
  if (found.length === 0) return;
  throw new BuildoutError(
    "sources-not-pushed",
    "Develop packages differ from their repositories.",
    {
      output: found.join("\n"),
      hint: "Commit and push them, so that this release can be reproduced.",
    },
  );
}

export async function predeploy(...args: unknown[]) {
  await check();
  return api.super(...args);
}

export const checksources = task(
  "List develop packages with uncommitted or unpushed changes",
  check,
);
