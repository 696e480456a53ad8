import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { api, BuildoutError, type CommandResult, messageOf, quote } from "../../../src/index.ts";

/** Runs a command as the buildout user; as the login user as long as the host has none. */
export async function onHost(command: string, warnOnly = false): Promise<CommandResult> {
  const run = () => api.run(command, { quiet: true, warnOnly });
  try {
    return await api.asBuildoutUser(run);
  } catch (error) {
    if (error instanceof BuildoutError && error.code === "authentication-failed") return run();
    throw error;
  }
}

export async function isFolderThere(path: string): Promise<boolean> {
  return (await onHost(`test -d ${quote(path)}`, true)).succeeded;
}

/** System, machine and C library: what programs that run on one machine and not another differ in. */
const SHOW_PLATFORM =
  "echo $(uname -s) $(uname -m) $(if ls /lib/ld-musl-* >/dev/null 2>&1; then echo musl; fi)";

/**
 * Makes the staging folder. Throws `staging-not-writable`, `staging-is-the-host` where the folder
 * is the host's own, and `other-platform` where what is built here would not run there.
 */
export async function checkHost(staging: string, path: string): Promise<void> {
  const mark = join(staging, ".hostout/staging");
  const id = randomUUID();
  try {
    mkdirSync(join(staging, ".hostout"), { recursive: true });
    writeFileSync(mark, id);
  } catch (error) {
    throw new BuildoutError("staging-not-writable", `Cannot stage here: ${messageOf(error)}`, {
      hint: `Make it yours: sudo install -d -o "$(id -un)" ${staging}\nOr name a folder of yours with the option 'staging'.`,
      cause: error,
    });
  }
  try {
    const here = await api.hide("everything", () => api.local(SHOW_PLATFORM, { capture: true }));
    const there = await onHost(
      `${SHOW_PLATFORM}; cat ${quote(`${path}/.hostout/staging`)} 2>/dev/null || :`,
    );
    const [platform = "", marked] = there.stdout.split("\n");
    if (marked === id) {
      throw new BuildoutError(
        "staging-is-the-host",
        `${staging} is the folder of the host itself.`,
        {
          hint: "Name another folder with the option 'staging': a failed build must not be there.",
        },
      );
    }
    if (platform.trim() === here.stdout.trim()) return;
    throw new BuildoutError(
      "other-platform",
      `This machine is ${here.stdout.trim()}, ${api.env.name} is ${platform.trim()}.`,
      { hint: "What is built here would not run there: deploy without hostout.pushdeploy." },
    );
  } finally {
    rmSync(mark, { force: true });
  }
}
