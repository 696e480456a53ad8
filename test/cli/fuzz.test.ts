/**
 * Whatever a configuration contains, no command ends with a JavaScript stack trace. The sample is small here;
 * `HOSTOUT_FUZZ_RUNS=500` makes it larger, `HOSTOUT_FUZZ_SEED` selects another one.
 */
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { command, environment } from "../support/command-project.ts";
import { start } from "../support/running.ts";
import { scratch, writeFiles } from "../support/scratch.ts";

const RUNS = Number(process.env.HOSTOUT_FUZZ_RUNS ?? 6);
const SEED = Number(process.env.HOSTOUT_FUZZ_SEED ?? 20260801);

const COMMANDS = [
  ["install"],
  ["annotate"],
  ["annotate", "--json"],
  ["config"],
  ["config", "--json"],
  ["lint"],
  ["query", "a:option"],
] as const;

const RECIPES = [
  ..."collective.recipe.template collective.recipe.cmd collective.recipe.environment".split(" "),
  ..."z3c.recipe.mkdir plone.recipe.command collective.recipe.omelette zc.recipe.egg".split(" "),
  ..."hexagonit.recipe.download zc.recipe.cmmi collective.recipe.supervisor".split(" "),
  ..."zc.recipe.testrunner hostout gp.recipe.node hostout:node zc.buildout:debug".split(" "),
];
const OPTIONS = [
  ..."recipe option parts extends versions develop eggs-directory parts-directory".split(" "),
  ..."bin-directory installed find-links allow-hosts socket-timeout newest offline".split(" "),
  ..."prefer-final log-level log-format extensions download-cache extends-cache".split(" "),
  ..."input output inline mode paths path cmds install_cmd update_cmd command".split(" "),
  ..."update-command stop-on-error eggs scripts interpreter entry-points extra-paths".split(" "),
  ..."url md5sum location host hostname user include fabfiles commands shell".split(" "),
  ..."environment defaults arguments programs eventlisteners overwrite dotted".split(" "),
  ..."install-from-cache update-versions-file show-picked-versions user mode".split(" "),
];
const NAMES = ["a", "b", "buildout", "versions", "__proto__", "../up", "x/y", "%d", "a\\b", "."];
const VALUES = [
  ..."true false 1 -1 1e999 NaN 0o777 999999999999999999999 % %s %(x)s %% / // . .. ~".split(" "),
  ..."../.. /dev/null a=b a:b :: = ; # [ ] { ${ ${} ${:} ${a} ${a:b:c} $${a:b} $$$".split(" "),
  ..."file:///nowhere http://[ https://%zz ftp://x //x a\\b \u0000 \u2028 \u00a0 \ud83d\ude00".split(
    " ",
  ),
  ..."a==1 a>=1,<2 a[x,y] a[ ==1 >=1 a;python_version>'3' x=y:z x=y:z(1) [] {} <TEXT> </TEXT>".split(
    " ",
  ),
  ..."${a:option} ${b:option} ${buildout:directory} ${:_profile_base_location_}".split(" "),
  ...["", "a\n  b", "\n  a\n    b", "\n   =\n  x", `"`, `'`, "a\tb", "long".repeat(3000)],
];

const name = fc.constantFrom(...NAMES);
const value = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...VALUES) }, fc.string(), name), {
    minLength: 1,
    maxLength: 3,
  })
  .map((words) => words.join(" "));
const COMMAND_OPTIONS = /^(cmds|install_cmd|update_cmd|command|update-command)$/;
const SHELL = ["true", "false", "exit 3", "'", "(", "%s", "", "\n  true\n  exit 1"];
const assignment = fc
  .tuple(
    fc.constantFrom(...OPTIONS),
    fc.constantFrom("=", "=", "=", "+=", "-="),
    value,
    fc.constantFrom(...SHELL),
  )
  .map(([option, operator, text, shell]) =>
    // Nothing that a shell runs is ever generated.
    COMMAND_OPTIONS.test(option) ? `${option} = ${shell}` : `${option} ${operator} ${text}`,
  );
const lines = fc.array(
  fc.oneof(
    { weight: 40, arbitrary: assignment },
    name.map((section) => `<= ${section}`),
    name.map((section) => `=> ${section}`),
    fc.string(),
  ),
  { maxLength: 6 },
);
const condition = fc.constantFrom(
  // Most have none, since an error in one ends the run before anything else can go wrong.
  ...Array<string>(60).fill(""),
  ..."|:True|:1/0|:python_version < '3'|:'x'*10|:[|:(|:sys.platform|: re.match('(', 'x')".split(
    "|",
  ),
);
const part = fc
  .tuple(name, condition, fc.constantFrom(...RECIPES), lines)
  .map(
    ([section, when, recipe, rest]) =>
      `[${section}${when}]\nrecipe = ${recipe}\n${rest.join("\n")}\n`,
  );
const source = fc
  .tuple(fc.subarray(NAMES), lines, fc.array(part, { minLength: 1, maxLength: 4 }))
  .map(
    ([parts, settings, sections]) =>
      `[buildout]\nparts = ${parts.join(" ")}\n${settings.join("\n")}\n${sections.join("\n")}`,
  );

/** A configuration whose paths are relative, so that an installation stays in its directory. */
const kept = (text: string) => text.replace(/(?<![\w:./$}])\/+/g, "./");

/** Where a path is meant, a null character is neither in a file's name nor in a program's argument. */
const NULL_CHARACTERS = `[buildout]
parts = a
parts-directory = \0 true
[a]
recipe = plone.recipe.command
command = true \0
`;

/** Runs a command on a configuration, offline. Returns its output if it hit a defect. */
async function bug(given: string, words: readonly string[]): Promise<string | undefined> {
  const text = words[0] === "install" ? kept(given) : given;
  const directory = scratch();
  const project = `${directory}/in/in/project`;
  mkdirSync(project, { recursive: true });
  writeFiles(project, { "buildout.cfg": text });
  const { outcome } = start(process.execPath, [command, "buildout:offline=true", ...words], {
    cwd: project,
    env: environment(directory),
  });
  const { status, stdout, stderr } = await outcome;
  const trace =
    /^ {2,}at .+:\d+:\d+\)?$|internal error|"code": "internal-error"/m.test(stdout + stderr) ||
    status === null;
  return trace ? `${words.join(" ")}: ${status}\n${stdout}${stderr}` : undefined;
}

describe("no command ends in a stack trace", () => {
  test.each(COMMANDS.map((words) => [words.join(" "), words] as const))(
    "%s",
    { timeout: 60_000 + RUNS * 20_000 },
    async (_name, words) => {
      await fc.assert(
        fc.asyncProperty(source, async (text) => {
          expect(await bug(text, words)).toBe(undefined);
        }),
        { numRuns: RUNS, seed: SEED, examples: [[NULL_CHARACTERS]] },
      );
    },
  );
});
