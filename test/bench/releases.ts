import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { RELEASES } from "../../build/everyday.mjs";
import { buildProgram } from "../../build/program.mjs";
import { packaging } from "../../build/programs.mjs";
import { alternate, ratioRow, run } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A build backend that needs nothing, so that only our own work is measured. */
const BACKEND = `import os, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(os.path.join(folder, "p-1.0-py3-none-any.whl"), "w") as wheel:
        wheel.write("p.py")
        wheel.writestr("p-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: p\\nVersion: 1.0\\n")
        wheel.writestr("p-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("p-1.0.dist-info/RECORD", "")
    return "p-1.0-py3-none-any.whl"
`;

const FILES = {
  python: {
    "pyproject.toml":
      '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["backend"]\n',
    "backend/own.py": BACKEND,
  },
  node: { "package.json": '{"name": "NAME", "version": "1.0.0"}' },
};

/** Ten develop packages, each a git repository of 100 files. */
function makePackages(scratch: string, kind: keyof typeof FILES): string[] {
  return Array.from({ length: 10 }, (_, at) => {
    const folder = path.join(scratch, `${kind}${at}`);
    const modules = Array.from({ length: 100 }, (_, n) => [`lib/m${n}.txt`, `${at} ${n}\n`]);
    const files: Record<string, string> = {
      ...FILES[kind],
      "p.py": `A = ${at}\n`,
      ...Object.fromEntries(modules),
    };
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text.replace("NAME", `p${at}`));
    }
    execFileSync("git", ["init", "-q"], { cwd: folder });
    execFileSync("git", ["add", "-A"], { cwd: folder });
    return folder;
  });
}

/** Builds release-run.ts as a program with a script that starts it, like a command. Returns the script. */
async function makeProgram(scratch: string): Promise<string> {
  const { core, rest } = await buildProgram({
    entry: "test/bench/release-run.ts",
    everyday: RELEASES.map((name) => `src/distributions/${name}.ts`),
    ...packaging,
  });
  const program = path.join(scratch, "release.js");
  writeFileSync(program, core);
  writeFileSync(path.join(scratch, "release.rest.js"), rest);
  symlinkSync(path.join(root, "node_modules"), path.join(scratch, "node_modules"));
  const script = path.join(scratch, "start.cjs");
  await build({
    stdin: {
      contents: `import { load } from "./load.ts"; load(${JSON.stringify(program)}, require).main(process.argv.slice(2));`,
      resolveDir: path.join(root, "src/cli/start"),
    },
    ...{ bundle: true, platform: "node", format: "cjs", outfile: script },
  });
  return script;
}

/** Releases of ten develop packages in which nothing changed since the last release, as whole processes. */
export async function benchReleases(): Promise<string[][]> {
  const scratch = mkdtempSync(path.join(tmpdir(), "hostout-bench-"));
  const executable = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  }).trim();
  try {
    const script = await makeProgram(scratch);
    return (["python", "node"] as const).map((kind) => {
      const folders = makePackages(scratch, kind);
      const args = [script, executable, path.join(scratch, "dist"), ...folders];
      const release = () => run(process.execPath, args);
      // Files younger than a clock tick are not trusted the first time.
      for (let time = 0; time < 3; time++) release();
      const times = alternate(
        {
          ours: () => {
            if (release() !== "0 built\n") throw new Error("something was built");
          },
          node: () => run(process.execPath, ["-e", "0"]),
        },
        21,
      );
      const name = kind === "python" ? "Python" : "Node";
      const what = `Release of ten unchanged ${name} packages, 100 files each`;
      return ratioRow(what, times.ours!, { name: "`node -e 0`", time: times.node! }, 1.6);
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
