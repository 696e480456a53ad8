import { BuildoutError } from "../../errors/error.ts";
import {
  bootScriptName,
  installScript,
  listScript,
  uninstallScript,
} from "../host/boot-service.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { owners } from "./users.ts";

const source = "collective.hostout";
const QUIET = new Set(["stdout"]);

export const bootscriptCommands: CommandDefinition[] = [
  {
    name: "install_bootscript",
    description: "Start the buildout when the host boots",
    changes: true,
    arguments: "START STOP [NAME]",
    help: "START and STOP are shell commands, run in the path of the host as the effective user.\nNAME defaults to the name of the part.",
    example: "install_bootscript 'bin/supervisord' 'bin/supervisorctl shutdown'",
    source,
    run: install,
  },
  {
    name: "uninstall_bootscript",
    description: "No longer start the buildout when the host boots",
    changes: true,
    arguments: "[NAME]",
    source,
    run: uninstall,
  },
  {
    name: "bootscript_list",
    description: "List the buildouts that start when the host boots",
    arguments: "none",
    source,
    run: list,
  },
];

async function install(
  context: CommandContext,
  [start, stop, given]: readonly unknown[],
): Promise<string> {
  const { session, options } = context;
  if (start === undefined || stop === undefined) {
    throw usage(
      "install_bootscript START STOP [NAME], such as: 'bin/server start' 'bin/server stop'",
    );
  }
  const name = serviceName(given ?? options.name);
  const { directory: path } = await session.facts();
  const { effectiveUser: user } = await owners(context);
  const boot = { name, path, start: oneLine(start), stop: oneLine(stop), user };
  const result = await session.sudo(installScript(boot), {
    cwd: null,
    label: `# install the service buildout-${name}`,
    hidden: QUIET,
  });
  if (result.code !== 0) throw failed(`Installing the service buildout-${name}`, result);
  const file = result.stdout.trim();
  session.note(`${file} starts '${start}' as ${user} when ${options.host} boots`);
  return file;
}

async function uninstall(context: CommandContext, [given]: readonly unknown[]): Promise<string[]> {
  const { session, options } = context;
  const name = serviceName(given ?? options.name);
  const result = await session.sudo(uninstallScript(name), {
    cwd: null,
    label: `# remove the service buildout-${name}`,
    hidden: QUIET,
  });
  if (result.code !== 0) throw failed(`Removing the service buildout-${name}`, result);
  const files = linesOf(result.stdout);
  session.note(
    files.length === 0 ? `There is no service buildout-${name}` : `Removed ${files.join(" ")}`,
  );
  return files;
}

async function list({ session, options }: CommandContext): Promise<string[]> {
  const { stdout } = await (await session.anyConnection()).sh(listScript());
  const names = [...new Set(linesOf(stdout).map(bootScriptName))];
  session.note(
    names.length === 0
      ? `No buildout starts when ${options.host} boots`
      : `Started when ${options.host} boots: ${names.join(" ")}`,
  );
  return names;
}

function serviceName(given: unknown): string {
  const name = String(given);
  if (/^[\w.-]+$/.test(name)) return name;
  throw usage(`install_bootscript START STOP NAME: '${name}' cannot be the name of a service.`);
}

function oneLine(given: unknown): string {
  const text = String(given);
  if (!/[\n\r\0]/.test(text)) return text;
  throw usage("install_bootscript START STOP [NAME]: each command is one line.");
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function usage(text: string): BuildoutError {
  return new BuildoutError("usage", `Usage: bin/hostout HOST ${text}`);
}
