import { defineRecipe, type Part } from "../../src/index.ts";
import { runCommands } from "./commands.ts";

const options = {
  on_install: { default: "false", description: "`true` or `1`: run them on install." },
  on_update: { default: "false", description: "`true` or `1`: run them on update." },
  cmds: { default: "", description: "Shell commands, one per line." },
  uninstall_cmds: { description: "Shell commands for the removal of the part, one per line." },
  shell: { default: "sh", description: "The program that runs them." },
} as const;

type CmdPart = Part<typeof options>;

const isOn = (value: string) => ["1", "true"].includes(value.toLowerCase());

async function execute({ values, buildout }: CmdPart): Promise<void> {
  await runCommands(values.cmds, values.shell, buildout.directory);
}

export default defineRecipe({
  description: "Runs shell commands.",
  options,
  readsOnlyDeclared: true,
  async install(part) {
    if (isOn(part.values.on_install)) await execute(part);
    return [];
  },
  settled: ({ values }) => (isOn(values.on_update) ? undefined : []),
  async update(part) {
    if (isOn(part.values.on_update)) await execute(part);
  },
  async uninstall(_, recorded) {
    const commands = recorded.get("uninstall_cmds") ?? "";
    await runCommands(commands, recorded.get("shell") ?? "sh", process.cwd());
  },
});
