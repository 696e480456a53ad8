import {
  BuildoutError,
  defineRecipe,
  type ErrorCode,
  type Part,
  runCommand,
} from "../../src/index.ts";

const options = {
  command: { description: "Command to run on install. Required." },
  "update-command": { description: "Command to run on update." },
  location: { type: "words", description: "Paths to remove with the part." },
  "stop-on-error": { description: "`yes`: a failing command ends the buildout. Default no." },
} as const;

type CommandPart = Part<typeof options>;

/** An error that is also logged under the part's name, as in the original. */
function refuse(
  part: CommandPart,
  code: ErrorCode,
  message: string,
  option: string,
): BuildoutError {
  part.log.error(message);
  const location = part.options.location(option);
  return new BuildoutError(code, message, { ...(location && { location }) });
}

function stopsOnError(part: CommandPart): boolean {
  const value = part.options.get("stop-on-error") ?? "no";
  if (["yes", "on", "true"].includes(value.toLowerCase())) return true;
  if (["no", "off", "false"].includes(value.toLowerCase())) return false;
  const message = `Invalid value '${value}' for 'stop_on_error', use 'yes', 'on', 'true', 'no', 'off' or false.`;
  throw refuse(part, "invalid-value", message, "stop-on-error");
}

async function execute(part: CommandPart, option: "command" | "update-command"): Promise<void> {
  const { directory } = part.buildout;
  const status = await runCommand({ command: part.options.require(option), directory });
  if (status === 0 || !stopsOnError(part)) return;
  const message = `Non zero exit code (${status}) while running command.`;
  throw refuse(part, "command-failed", message, option);
}

export default defineRecipe({
  description: "Runs a shell command.",
  options,
  readsOnlyDeclared: true,
  init(part) {
    stopsOnError(part);
  },
  async install(part) {
    const command = part.options.get("command");
    if (!command) throw refuse(part, "missing-option", "No command specified", "recipe");
    part.log.info(`Running '${command}'`);
    await execute(part, "command");
    return part.values.location ?? [];
  },
  settled: ({ options }) => (options.has("update-command") ? undefined : []),
  async update(part) {
    const command = part.options.get("update-command");
    if (command === undefined) return;
    part.log.info(`Running ${command}`);
    await execute(part, "update-command");
  },
});
