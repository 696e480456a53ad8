import { describe, expect, test } from "vitest";
import { nativePlugins } from "../../../recipes/plugins/index.ts";
import { commandHelp, helpText } from "../../../src/cli/hostout/hostout-help.ts";
import { OWN_WORDS, ownHelp } from "../../../src/cli/hostout/own-words.ts";
import { readWords } from "../../../src/cli/hostout/words.ts";
import { builtinCommands } from "../../../src/deploy/commands/builtin.ts";
import { moduleCommands } from "../../../src/deploy/fabfile/load.ts";
import { builtinChains } from "../../../src/program/host-commands.ts";

const NAMES = {
  hosts: async () => [{ name: "host1", roles: [] }],
  commands: async () => new Map([["host1", builtinChains]]),
};

describe("hostout --help", () => {
  test("has an example whose command is too long for its column", () => {
    const lines = helpText().split("\n");
    const at = lines.indexOf("  hostout --rollout '1 25% 100%' all deploy");
    expect(lines[at + 1]).toMatch(/^ {31}deploy to one host/);
  });

  test.each(builtinCommands)("of $name has an example that is understood", async ({ name }) => {
    const help = commandHelp(builtinChains.chains.get(name)!);
    const [, line = ""] = /\nExample:\n {2}bin\/hostout (.+)\n/.exec(help) ?? [];
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
    const { commands } = await readWords(words, NAMES);
    expect(commands[0]).toBe(name);
  });

  test.each([...nativePlugins])("of commands of %s has an example", async (name, plugin) => {
    const { commands } = moduleCommands(await plugin.fabfile(), name);
    for (const command of commands) {
      const [, line = ""] =
        /\nExample:\n {2}bin\/hostout host1 (.+)\n/.exec(commandHelp([command])) ?? [];
      const [called] = line.split(" ");
      expect(called).toBe(command.name);
    }
  });

  test.each(OWN_WORDS)("of $name has an example", ({ name, example }) => {
    expect(ownHelp(name)).toMatch(new RegExp(`\\nExample:\\n  .*hostout ${name} `));
    expect(example).toContain(name);
  });

  test("begins what each command does with a capital", () => {
    const wrong = builtinCommands.filter(({ description }) => !/^[A-Z]/.test(description));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
