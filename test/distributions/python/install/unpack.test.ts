import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeEggs } from "../../../../src/distributions/python/install/place.ts";
import { Unpacker, type Wheel } from "../../../../src/distributions/python/install/unpack.ts";
import {
  type Assignment,
  type Installer,
  InstallerFailure,
} from "../../../../src/distributions/python/installers/installer.ts";
import { pip } from "../../../../src/distributions/python/installers/pip.ts";
import { Pips } from "../../../../src/distributions/python/installers/pip-command.ts";
import { readInterpreter } from "../../../../src/distributions/python/interpreter.ts";
import { PYTHON } from "../../../support/python-workspace.ts";
import { scratch } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

const interpreter = readInterpreter(PYTHON, "/");

function assignment(): Assignment {
  const workshop = scratch();
  return {
    ...{ workshop, interpreter, requirements: [], constraints: [], index: undefined },
    ...{ noIndex: true, findLinks: [], prereleases: false, timeout: undefined },
    ...{ pips: new Pips(), report: () => {}, onProject: () => {} },
  };
}

/** Path -> mode and content of each file below a directory; for compiled files, only that they exist. */
function tree(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => {
      const path = join(folder, name);
      const text = /\.pyc$/.test(name) ? "" : readFileSync(path, "utf8");
      // pip sorts its lines, but lists compiled files separately.
      const content = /RECORD$/.test(name) ? text.split("\n").sort().join("\n") : text;
      return [name, `${(statSync(path).mode & 0o777).toString(8)} ${content}`];
    }),
  );
}

const nobody: Installer = { ...pip, install: () => Promise.reject(new Error("pip was asked")) };

/** The eggs of wheels that pip took, after it was thought to take the likely ones. */
async function eggsOf(
  own: Assignment,
  wheels: Wheel[],
  { likely = [] as string[], installer = nobody } = {},
) {
  const unpacker = new Unpacker(own, likely);
  try {
    unpacker.begin();
    return await unpacker.eggsOf(wheels, installer);
  } finally {
    await unpacker.end();
  }
}

async function eggOf(target: string): Promise<Record<string, string>> {
  const [egg] = await makeEggs(target, scratch(), interpreter, new Set());
  return tree(egg!.folder);
}

test("an egg is the same as by pip", async () => {
  const file = writeWheel(scratch(), "every.kind", "1.0", {
    metadata: ["Requires-Dist: six"],
    entryPoints: "[console_scripts]\nevery = every.kind:main\n",
    files: {
      "every/kind.py": "import sys\n",
      "every/wrong.py": "this is no Python\n",
      "every/page.txt": 'some text, "quoted"\n',
      "every/odd, name.py": "a = 1\n",
      "every_kind-1.0.data/purelib/pure.py": "b = 2\n",
      "every_kind-1.0.data/platlib/plat/__init__.py": "c = 3\n",
      "every_kind-1.0.data/scripts/tool": "#!python\nprint(1)\n",
      "every_kind-1.0.data/scripts/shell": "#!/bin/sh\necho 1\n",
      "every_kind-1.0.data/data/share/every/file": "text\n",
      "every_kind-1.0.data/headers/every.h": "int a;\n",
    },
  });
  const own = assignment();
  const target = join(own.workshop, "by-pip");
  mkdirSync(target);
  await pip.install(own, [`every.kind @ file://${file}`], target);
  const [ours] = await eggsOf(own, [{ name: "every.kind", file }]);
  expect(tree(ours!.folder)).toEqual(await eggOf(target));
});

test.each([
  ["is no archive", (file: string) => writeFileSync(file, "text"), undefined],
  ["is another than it should be", () => {}, `sha256=${"0".repeat(64)}`],
])("pip tells of a wheel that %s", async (_what, change, hash) => {
  const folder = scratch();
  const good = writeWheel(folder, "good", "1.0");
  const file = writeWheel(folder, "bad", "1.0");
  change(file);
  const wheels = [
    { name: "good", file: good },
    { name: "bad", file, hash },
  ];
  await expect(eggsOf(assignment(), wheels, { installer: pip })).rejects.toThrow(InstallerFailure);
});

/** A wheel with a module of this text. */
function early(value: string): string {
  return writeWheel(scratch(), "early", "1.0", { files: { "early.py": value } });
}

/** With one processor, pip has it for itself. */
const canBeEarly = test.skipIf(availableParallelism() === 1);

canBeEarly("a likely wheel is unpacked early", async () => {
  const file = early("a = 1\n");
  const wheel = { name: "early", file };
  const [soon] = await eggsOf(assignment(), [wheel], { likely: [file] });
  const [late] = await eggsOf(assignment(), [wheel]);
  expect(soon!.folder).toContain("/early-0/");
  expect(late!.folder).toContain("/unpacked-");
  expect(tree(soon!.folder)).toEqual(tree(late!.folder));
});

function damaged(): string {
  const file = early("");
  writeFileSync(file, "text");
  return file;
}

test.each([
  ["another one with its name", () => early("a = 1\n")],
  ["a damaged one", damaged],
  ["a missing one", () => join(scratch(), "early-1.0-py3-none-any.whl")],
])("a wheel is unpacked although %s was likely", async (_what, likely) => {
  const wheels = [{ name: "early", file: early("a = 2\n") }];
  const [egg] = await eggsOf(assignment(), wheels, { likely: [likely()] });
  expect(tree(egg!.folder)["early.py"]).toContain("a = 2");
});

test("pip tells of a likely wheel that is damaged", async () => {
  const file = damaged();
  const wheels = [{ name: "early", file }];
  const eggs = eggsOf(assignment(), wheels, { likely: [file], installer: pip });
  await expect(eggs).rejects.toThrow(InstallerFailure);
});

test("a likely wheel that pip did not take is no egg", async () => {
  const file = early("");
  const other = writeWheel(scratch(), "other", "1.0");
  const eggs = await eggsOf(assignment(), [{ name: "other", file: other }], { likely: [file] });
  expect(eggs.map(({ metadata }) => metadata.name)).toEqual(["other"]);
});

canBeEarly("a wheel that changes after it was unpacked is unpacked again", async () => {
  const file = early("a = 1\n");
  let unpacker: Unpacker;
  await new Promise<void>((resolve) => {
    function* likely() {
      yield file;
      // With two processors, it is unpacked now; with more of them, this has begun.
      writeFileSync(file, readFileSync(early("a = 2\n")));
      resolve();
    }
    unpacker = new Unpacker(assignment(), likely());
    unpacker.begin();
  });
  const [egg] = await unpacker!.eggsOf([{ name: "early", file }], nobody);
  await unpacker!.end();
  expect(tree(egg!.folder)["early.py"]).toContain("a = 2");
});

test("pip unpacks what Python cannot", async () => {
  const own = assignment();
  const broken = { ...own, interpreter: { ...interpreter, executable: "/bin/false" } };
  const unpacker = new Unpacker(broken);
  const wheels = [{ name: "early", file: early("a = 1\n") }];
  const byPip: Installer = {
    ...pip,
    install: (_one, sources, target) => pip.install(own, sources, target),
  };
  const [egg] = await unpacker.eggsOf(wheels, byPip);
  expect(tree(egg!.folder)["early.py"]).toContain("a = 1");
});
