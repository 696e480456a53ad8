import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Pips } from "../../src/distributions/python/installers/pip-command.ts";
import type { PythonBuild } from "../../src/distributions/release/python-build.ts";
import { releasePackages } from "../../src/distributions/release/release.ts";
// jiti returns a module that several parallel import() request before it has run.
import "../../src/distributions/node/manifest.ts";
import "../../src/distributions/release/node-release.ts";
import "../../src/distributions/python/develop/develop.ts";
import "../../src/distributions/release/python-release.ts";
import { median, ms } from "./measure.ts";

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

/** Releases of ten develop packages in which nothing changed since the last release. */
export async function benchReleases(): Promise<string[][]> {
  const scratch = mkdtempSync(path.join(tmpdir(), "hostout-bench-"));
  const executable = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  }).trim();
  const search = { index: undefined, noIndex: true, findLinks: [] };
  const python: PythonBuild = {
    executable,
    search,
    pips: new Pips(),
    report: () => {},
  };
  try {
    const rows: string[][] = [];
    for (const kind of ["python", "node"] as const) {
      const folders = makePackages(scratch, kind);
      const distDirectory = path.join(scratch, "dist");
      const release = () =>
        releasePackages({ folders, distDirectory, python, underWay: new Map(), onRelease() {} });
      await release();
      await release(); // files younger than a clock tick are not trusted the first time
      const times: number[] = [];
      for (let round = 0; round < 9; round++) {
        const start = performance.now();
        const found = await release();
        times.push(performance.now() - start);
        if (found.some(({ built }) => built)) throw new Error("something was built");
      }
      const name = kind === "python" ? "Python" : "Node";
      const what = `release of ten unchanged ${name} packages, 100 files each`;
      rows.push([what, ms(median(times)), "", "", "under 300 ms"]);
    }
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
