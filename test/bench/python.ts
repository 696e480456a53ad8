import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianWheels } from "../support/index-server.ts";
import { alternate, ms, run } from "./measure.ts";

const buildout = fileURLToPath(new URL("../../bin/buildout", import.meta.url));

/** Ten wheels: what is named and what that needs. */
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

const ROUNDS = 5;

/**
 * The first installation of ten wheels beside `pip install` of the same ones into a fresh virtual
 * environment, and the run after it.
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
        `\`python -m venv\` and \`pip install\`: ${ms(fresh)}, of that pip ${ms(first.pip!)}`,
        `${(first.ours! / fresh).toFixed(2)} of it`,
        "not slower",
      ],
      ["The run after it: pinned", ms(again.pinned!), "", "", "under 200 ms"],
      ["The run after it: `buildout -N`", ms(again.known!), "", "", "under 200 ms"],
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
