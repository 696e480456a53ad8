import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeEggs } from "../../../../src/distributions/python/install/place.ts";
import { unpackWheels } from "../../../../src/distributions/python/install/unpack.ts";
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
  const nobody: Installer = { ...pip, install: () => Promise.reject(new Error("pip was asked")) };
  const [ours] = await unpackWheels([{ name: "every.kind", file }], own, nobody);
  expect(await eggOf(ours!)).toEqual(await eggOf(target));
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
  await expect(unpackWheels(wheels, assignment(), pip)).rejects.toThrow(InstallerFailure);
});
