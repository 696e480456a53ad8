import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianWheels } from "../support/index-server.ts";
import { writeWheel } from "../support/wheel.ts";
import { alternate, median, ms, run } from "./measure.ts";

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
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["eggs", "parts", "bin", ".installed.cfg"]) {
      rmSync(join(cwd, name), { recursive: true, force: true });
    }
    rmSync(venv, { recursive: true, force: true });
    run(python, ["-m", "venv", venv], { cwd, env });
    const { ours, theirs } = alternate(
      {
        ours: () => run(process.execPath, [buildout], { cwd, env }),
        theirs: () => run(join(venv, "bin/python"), pip, { cwd, env }),
      },
      1,
    );
    times.ours.push(ours!);
    times.theirs.push(theirs!);
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return [
    `First installation of ${MANY} pinned wheels`,
    ms(ours),
    `\`pip install\` alone: ${ms(theirs)}`,
    `ratio ${(ours / theirs).toFixed(2)}`,
    "at most 0.5",
  ];
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
    const first = alternate(
      {
        ours: () => {
          clean();
          ours();
        },
        venv: () => {
          clean();
          venv();
        },
        pip: install,
      },
      ROUNDS,
    );
    clean();
    writeFileSync(join(cwd, "buildout.cfg"), config(`${versions.join("\n")}\n`));
    ours();
    const again = alternate({ pinned: () => ours(), known: () => ours("-N") }, ROUNDS * 2);
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
      ["The run after it: pinned", ms(again.pinned!), "", "", "under 200 ms"],
      ["The run after it: `buildout -N`", ms(again.known!), "", "", "under 200 ms"],
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
