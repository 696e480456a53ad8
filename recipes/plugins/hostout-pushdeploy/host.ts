import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  api,
  BuildoutError,
  type CommandResult,
  messageOf,
  quote,
  shellCommand,
} from "../../../src/index.ts";
import platformProgram from "./platform.sh?raw";

/** Runs a command as the buildout user; as the login user while the host has none. */
export async function onHost(
  command: string,
  options: { warnOnly?: boolean; label?: string } = {},
): Promise<CommandResult> {
  const run = () => api.run(command, { ...options, quiet: true });
  try {
    return await api.asBuildoutUser(run);
  } catch (error) {
    if (error instanceof BuildoutError && error.code === "authentication-failed") return run();
    throw error;
  }
}

export async function isFolderThere(path: string): Promise<boolean> {
  return (await onHost(`test -d ${quote(path)}`, { warnOnly: true })).succeeded;
}

/**
 * Creates the staging directory. Throws `staging-not-writable`, `staging-is-the-host` if the directory is
 * the host's own, and `other-platform` if the build would not run there.
 */
export async function checkHost(staging: string, path: string): Promise<void> {
  const mark = join(staging, ".hostout/staging");
  const id = randomUUID();
  try {
    mkdirSync(join(staging, ".hostout"), { recursive: true });
    writeFileSync(mark, id);
  } catch (error) {
    throw new BuildoutError("staging-not-writable", `Cannot stage here: ${messageOf(error)}`, {
      hint: `Make it yours: sudo install -d -o "$(id -un)" ${staging}\nOr set the option 'staging' to a directory that you own.`,
      cause: error,
    });
  }
  try {
    const show = shellCommand(platformProgram);
    const here = await api.hide("everything", () => api.local(show, { capture: true }));
    const there = await onHost(shellCommand(platformProgram, [`${path}/.hostout/staging`]));
    const [platform = "", marked] = there.stdout.split("\n");
    if (marked === id) {
      throw new BuildoutError("staging-is-the-host", `${staging} is the host's own directory.`, {
        hint: "Set the option 'staging' to another directory: a failed build must not end up there.",
      });
    }
    if (platform.trim() === here.stdout.trim()) return;
    throw new BuildoutError(
      "other-platform",
      `This machine is ${here.stdout.trim()}, ${api.env.name} is ${platform.trim()}.`,
      { hint: "A build from here would not run there: deploy without hostout.pushdeploy." },
    );
  } finally {
    rmSync(mark, { force: true });
  }
}
