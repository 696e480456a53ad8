import { expect, test } from "vitest";
import { commandLine } from "../../../src/cli/hostout/again.ts";
import { readWords } from "../../../src/cli/hostout/words.ts";
import { builtinChains } from "../../../src/program/host-commands.ts";

const names = {
  hosts: async () => ["a", "it's"].map((name) => ({ name, roles: [] })),
  commands: async (hosts: readonly string[]) => new Map(hosts.map((host) => [host, builtinChains])),
};

test.each([
  [["all", "deploy"], "bin/hostout a 'it'\\''s' deploy"],
  [
    ["-qP8", "--rollout", "1 100%", "all", "deploy", "--lock-wait", "--json", "--keep-drift"],
    "bin/hostout --parallel=8 --rollout='1 100%' --lock-wait=604800 --keep-drift a 'it'\\''s' deploy",
  ],
  [["all", "run", "--", "-x", "a b"], "bin/hostout a 'it'\\''s' run -- -x 'a b'"],
  [["all", "rollback", "-1"], "bin/hostout a 'it'\\''s' rollback -- -1"],
  [["all", "cleanup", "--plan"], "bin/hostout a 'it'\\''s' cleanup --plan"],
])("%j is written again, and means the same", async (words, line) => {
  const read = await readWords(words, names);
  const chains = await names.commands(read.hosts);
  expect(commandLine(read, read.hosts, chains)).toBe(line);
  const args = [...line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|\\(.)/g, "$1$2"),
  );
  const again = await readWords(args.slice(1), names);
  const shown = { json: false, quiet: false };
  expect({ ...again, options: { ...again.options } }).toEqual({
    ...read,
    options: { ...read.options, ...shown },
  });
});
