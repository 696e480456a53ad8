import { BuildoutError } from "../../errors/error.ts";
import { type PackageManager, packageManager } from "../host/operating-system.ts";
import type { CommandContext } from "../run/chain.ts";
import { hostOs } from "./host-os.ts";

const QUIET = new Set(["stdout", "stderr"]);
/** Why root access was not available. */
const REFUSALS = /^sudo-/;

/** Installs packages of the host's own system as root. Returns why that was not possible; undefined on success. */
export async function installPackages(
  context: CommandContext,
  choose: (manager: PackageManager) => readonly string[],
): Promise<string | undefined> {
  const { session, options } = context;
  const os = await hostOs(context);
  const manager = packageManager(os);
  if (manager === undefined) return `hostout does not know the package manager of ${os.title}`;
  if (options.noSudo) return "'no-sudo = true' forbids it";
  const packages = choose(manager);
  const command = [manager.install, ...packages].join(" ");
  try {
    const result = await session.sudo(command, {
      cwd: null,
      label: [manager.shown, ...packages].join(" "),
      hidden: QUIET,
    });
    if (result.code === 0) return undefined;
    return lastLines(`${result.stdout}\n${result.stderr}`);
  } catch (error) {
    if (error instanceof BuildoutError && REFUSALS.test(error.code)) return error.message;
    throw error;
  }
}

/** The last lines of a package manager's output, without its usual noise. */
function lastLines(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /^(E:|Err|error|no |cannot|unable|failed)/i.test(line));
  return (telling.length > 0 ? telling : lines.filter((line) => line !== "")).slice(-3).join("; ");
}
