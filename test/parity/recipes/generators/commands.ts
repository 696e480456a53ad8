/** plone.recipe.command and collective.recipe.cmd. */
import fc from "fast-check";
import { type Case, lifeCycle, type Options } from "../cases.ts";
import { boolean, rarely, relativePath, unknown } from "./values.ts";

const command = fc.constantFrom(
  ...[
    "echo said",
    "true",
    "echo made > made",
    "echo a >> log",
    "mkdir -p own && echo x > own/file",
  ],
  ...[
    "exit 3",
    "false",
    "nosuchcommand-x 2> /dev/null",
    "kill -9 $$",
    "echo '$x' \"q\"",
    "pwd",
    "echo $HOME",
  ],
  ...["\necho one\necho two", "echo a; exit 0", "echo ${buildout:directory}", "cat", "echo %(x)s"],
  ...[
    "\nif true\nthen\n  echo yes\nfi",
    "\nset -e\nfalse\necho never",
    "",
    "echo $x",
    "umask",
    "echo \\\ncontinued",
  ],
  ...[
    "for i in 1 2; do echo $i; done",
    "echo é",
    "printf 'no newline'",
    "ls -A | grep -v output | sort",
    ": # c",
  ],
);

const shell = rarely(
  fc.constantFrom("sh", "bash", "sh -e", "python3", "cat", "", "nosuchshell-x", "sh -x"),
  0,
);

const commandOptions = fc.record({
  command: fc.option(command, { nil: undefined, freq: 12 }),
  "update-command": fc.option(command, { nil: undefined, freq: 2 }),
  location: rarely(
    fc.oneof(relativePath, fc.constantFrom("own", "made own", "", "missing", "\nown\nmade", "log")),
    0,
  ),
  "stop-on-error": fc.option(boolean, { nil: undefined, freq: 2 }),
  unknown,
});

const cmdOptions = fc.record({
  on_install: fc.option(boolean, { nil: undefined, freq: 6 }),
  on_update: fc.option(boolean, { nil: undefined, freq: 3 }),
  cmds: fc.option(command, { nil: undefined, freq: 12 }),
  uninstall_cmds: fc.option(command, { nil: undefined, freq: 2 }),
  shell,
  unknown,
});

function lives(recipe: fc.Arbitrary<string>, options: fc.Arbitrary<Options>): fc.Arbitrary<Case> {
  return fc
    .record({ recipe, first: options, second: options })
    .map(({ recipe: name, first, second }) =>
      lifeCycle(
        { recipe: name, options: first },
        {},
        { second: { recipe: name, options: second } },
      ),
    );
}

export const shellCommand = lives(fc.constant("plone.recipe.command"), commandOptions);
export const shellCommands = lives(
  fc.constantFrom("collective.recipe.cmd", "collective.recipe.cmd:sh"),
  cmdOptions,
);
