import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HELLO_RECIPE } from "../support/hello-recipe.ts";
import { cachedZcBuildout } from "../support/hosts/zc-buildout.ts";
import { debianWheels } from "../support/index-server.ts";
import { writeWheel } from "../support/wheel.ts";
import { alternate, ms, ratioRow, run } from "./measure.ts";

const buildout = fileURLToPath(new URL("../../bin/buildout", import.meta.url));

/** Ten wheels: named ones and their requirements. */
const TEN = [
  "genshi",
  "jinja2",
  "packaging",
  "pathspec",
  "pluggy",
  "typing_extensions",
  "webob",
  "wheel",
];

const ROUNDS = 9;
const MANY = 100;
const MODULES = 10;
const MODULE = Array.from(
  { length: 30 },
  (_, at) => `def f${at}(a, b=${at}):\n    return [a + b * x for x in range(${at})]\n`,
).join("\n");

/** A hundred small wheels, all pinned, compared with `pip install` into a virtual environment. */
function manyWheels(scratch: string, python: string): string[] {
  const links = join(scratch, "many");
  const cwd = join(scratch, "many-buildout");
  const venv = join(scratch, "many-venv");
  const names = Array.from({ length: MANY }, (_, at) => `small${at}`);
  for (const [at, name] of names.entries()) {
    const files = Object.fromEntries(
      Array.from({ length: MODULES }, (_, module) => [`${name}/m${module}.py`, MODULE]),
    );
    // Each second one needs another.
    const metadata = at % 2 === 0 ? [`Requires-Dist: small${at + 1}`] : [];
    writeWheel(links, name, "1.0", { metadata, files });
  }
  mkdirSync(cwd);
  writeFileSync(
    join(cwd, "buildout.cfg"),
    `[buildout]\nparts = app\nexecutable = ${python}\nfind-links = ${links}\nindex = ../index\n` +
      `[app]\nrecipe = zc.recipe.egg\neggs =\n    ${names.join("\n    ")}\n` +
      `[versions]\n${names.map((name) => `${name} = 1.0\n`).join("")}`,
  );
  const env = { ...process.env, HOME: cwd, PIP_NO_CACHE_DIR: "1" };
  const pip = ["-m", "pip", "install", "-q", "--no-index", "--find-links", links, ...names];
  const times = alternate(
    {
      ours: () => run(process.execPath, [buildout], { cwd, env }),
      theirs: () => run(join(venv, "bin/python"), pip, { cwd, env }),
    },
    ROUNDS,
    () => {
      for (const name of ["eggs", "parts", "bin", ".installed.cfg"]) {
        rmSync(join(cwd, name), { recursive: true, force: true });
      }
      rmSync(venv, { recursive: true, force: true });
      run(python, ["-m", "venv", venv], { cwd, env });
    },
  );
  const [ours, theirs] = [times.ours!, times.theirs!];
  return [
    `First installation of ${MANY} pinned wheels`,
    ms(ours),
    `\`pip install\` alone: ${ms(theirs)}`,
    `ratio ${(ours / theirs).toFixed(2)}`,
    "at most 0.5",
  ];
}

const node = (cwd: string) => () => run(process.execPath, ["-e", "0"], { cwd });

/** A wheel with a recipe that asks for a working set and writes a script, as most do. */
function writeRecipe(links: string): void {
  writeWheel(links, "bench.recipe", "1.0", {
    entryPoints: "[zc.buildout]\ndefault = bench_recipe:Recipe\n",
    files: { "bench_recipe.py": HELLO_RECIPE },
  });
  writeWheel(links, "hello", "1.0", {
    entryPoints: "[console_scripts]\nhello = hello:main\n",
    files: { "hello.py": "def main():\n    print('hello')\n" },
  });
}

/** Nothing to do with a pinned recipe in Python, compared with zc.buildout and with the same without it. */
async function pythonRecipe(scratch: string, python: string, wheels: string): Promise<string[]> {
  const links = join(scratch, "recipe");
  writeRecipe(links);
  const peer = join(scratch, "zc-buildout");
  run("python3", ["-m", "venv", peer]);
  const install = ["-m", "pip", "install", "-q", "-U", "--no-index", "--find-links", wheels];
  run(join(peer, "bin/python"), [...install, await cachedZcBuildout(), "setuptools", "wheel"]);
  const write = (name: string, parts: string) => {
    const cwd = join(scratch, name);
    mkdirSync(cwd);
    const head = `[buildout]\nparts = ${parts}\nfind-links = ${links}\nindex = file://${scratch}/index\n`;
    const executable = name === "theirs" ? "" : `executable = ${python}\n`;
    const pins = "[versions]\nbench.recipe = 1.0\nhello = 1.0\n";
    writeFileSync(
      join(cwd, "buildout.cfg"),
      `${head}${executable}[app]\nrecipe = bench.recipe\n${pins}`,
    );
    return { cwd, env: { ...process.env, HOME: cwd } };
  };
  const [mine, without, theirs] = [
    write("mine", "app"),
    write("without", ""),
    write("theirs", "app"),
  ];
  const commands = {
    ours: () => run(process.execPath, [buildout], mine),
    without: () => run(process.execPath, [buildout], without),
    theirs: () => run(join(peer, "bin/buildout"), [], theirs),
  };
  for (const command of Object.values(commands)) for (let time = 0; time < 3; time++) command();
  const times = alternate(commands, ROUNDS);
  const more = `${ms(times.ours! - times.without!)} more than without it (at most 120 ms)`;
  const zc = { name: "zc.buildout", time: times.theirs! };
  return ratioRow("Nothing to do: one recipe in Python, pinned", times.ours!, zc, 0.125, [more]);
}

/** Nothing to do with the first buildout of the original document, which develops a package. */
function seed(scratch: string, python: string, wheels: string): string[] {
  const cwd = join(scratch, "seed");
  cpSync(fileURLToPath(new URL("../../fixtures/seed", import.meta.url)), cwd, { recursive: true });
  const text = readFileSync(join(cwd, "base.cfg"), "utf8");
  const head = `[buildout]\nexecutable = ${python}\nfind-links = ${wheels}\nindex = ../index\nnewest = false\n`;
  writeFileSync(join(cwd, "base.cfg"), text.replace("[buildout]\n", head));
  const env = { ...process.env, HOME: cwd };
  const ours = () => run(process.execPath, [buildout, "-c", "base.cfg"], { cwd, env });
  for (let time = 0; time < 3; time++) ours();
  const times = alternate({ ours, node: node(cwd) }, ROUNDS);
  const empty = { name: "`node -e 0`", time: times.node! };
  return ratioRow("Nothing to do: `fixtures/seed/base.cfg`", times.ours!, empty, 2);
}

/**
 * The first installation of ten wheels, compared with `pip install` into a fresh virtual environment, and the
 * run after it.
 */
export async function benchPython(): Promise<string[][]> {
  const wheels = await debianWheels();
  const scratch = mkdtempSync(join(tmpdir(), "hostout-bench-"));
  try {
    // An interpreter with nothing but pip: distributions of its own would count as there.
    run("python3", ["-m", "venv", join(scratch, "python")]);
    const python = join(scratch, "python/bin/python");
    const cwd = join(scratch, "buildout");
    mkdirSync(join(scratch, "index"), { recursive: true });
    mkdirSync(cwd);
    const config = (versions: string) =>
      `[buildout]\nparts = app\nexecutable = ${python}\nfind-links = ${wheels}\nindex = ../index\n` +
      `show-picked-versions = true\n[app]\nrecipe = zc.recipe.egg\neggs =\n    ${TEN.join("\n    ")}\n` +
      `[versions]\n${versions}`;
    const env = { ...process.env, HOME: cwd, PIP_NO_CACHE_DIR: "1" };
    const ours = (...args: string[]) => run(process.execPath, [buildout, ...args], { cwd, env });
    const clean = () => {
      for (const name of ["eggs", "venv", "parts", "bin", ".installed.cfg"]) {
        rmSync(join(cwd, name), { recursive: true, force: true });
      }
    };
    writeFileSync(join(cwd, "buildout.cfg"), config(""));
    const picked = ours();
    const versions = [...picked.matchAll(/^\S+ = \S+$/gm)].map(([line]) => line);
    if (versions.length !== 10) throw new Error(`these are ${versions.length} wheels, not ten`);
    const venv = () => run(python, ["-m", "venv", join(cwd, "venv")], { cwd, env });
    const links = ["--no-index", "--find-links", wheels];
    const install = () =>
      run(join(cwd, "venv/bin/python"), ["-m", "pip", "install", "-q", ...links, ...TEN], {
        cwd,
        env,
      });
    const first = alternate({ ours, venv, pip: install }, ROUNDS, clean);
    clean();
    writeFileSync(join(cwd, "buildout.cfg"), config(`${versions.join("\n")}\n`));
    ours();
    const again = alternate(
      { pinned: () => ours(), known: () => ours("-N"), node: node(cwd) },
      ROUNDS * 2,
    );
    const empty = { name: "`node -e 0`", time: again.node! };
    const fresh = first.venv! + first.pip!;
    return [
      [
        "First installation of ten wheels",
        ms(first.ours!),
        `\`pip install\` alone: ${ms(first.pip!)}, with \`python -m venv\` ${ms(fresh)}`,
        `ratio ${(first.ours! / first.pip!).toFixed(2)}`,
        "at most 1.0",
      ],
      manyWheels(scratch, python),
      ratioRow("The run after it: pinned", again.pinned!, empty, 1.7),
      ratioRow("The run after it: `buildout -N`", again.known!, empty, 1.7),
      await pythonRecipe(scratch, python, wheels),
      seed(scratch, python, wheels),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
