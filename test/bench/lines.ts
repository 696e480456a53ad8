import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestProject } from "../support/deploy-project.ts";
import { startSshdServer } from "../support/servers.ts";
import { alternate, ms, run } from "./measure.ts";

const buildout = fileURLToPath(new URL("../../bin/buildout", import.meta.url));
const MEGABYTE = 1e6;
const LONG = 8 * MEGABYTE;
const ROUNDS = 9;

/** The output and results of a recipe in Python. */
const RECIPE = `import logging
class Recipe(object):
    def __init__(self, buildout, name, options):
        options["line"] = "x" * int(options["length"])
        logging.getLogger(name).info(options["line"])
    def install(self):
        return ()
    update = install
`;

/** One line of 8 MB compared with one of 1 MB, on each way that a line can take. */
export async function benchLines(): Promise<string[][]> {
  const server = await startSshdServer();
  const project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  try {
    const options = { path: join(server.home, "lines") };
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, options)}`,
    });
    const built = await project.buildout();
    if (built.status !== 0) throw new Error(built.stderr);
    const env = { ...process.env, HOME: project.scratch };
    const node = (cwd: string, ...words: string[]) => run(process.execPath, words, { cwd, env });
    const remote = (length: number, ...words: string[]) => {
      const command = `head -c ${length} /dev/zero | tr '\\0' x`;
      const text = node(project.directory, "bin/hostout", ...words, "host1", "run", command);
      if (text.length < length) throw new Error(`${text.length} characters of ${length} came`);
    };
    const python = join(project.scratch, "python");
    mkdirSync(python);
    writeFileSync(join(python, "long.py"), RECIPE);
    writeFileSync(
      join(python, "setup.py"),
      "from setuptools import setup\nsetup(name='long', version='1', py_modules=['long'], entry_points={'zc.buildout': ['default = long:Recipe']})\n",
    );
    writeFileSync(
      join(python, "buildout.cfg"),
      "[buildout]\ndevelop = .\nparts = long\n[long]\nrecipe = long\nlength = 10\n",
    );
    const recipe = (length: number) => node(python, buildout, `long:length=${length}`);
    recipe(10);
    const ways: [string, (length: number) => void][] = [
      ["of a command on a host", (length) => remote(length)],
      ["of a command on a host, `--json`", (length) => remote(length, "--json")],
      ["in the log of a Python recipe", recipe],
    ];
    return ways.map(([what, way]) => {
      const { short, long } = alternate(
        { short: () => way(MEGABYTE), long: () => way(LONG) },
        ROUNDS,
      );
      const ratio = `ratio ${(long! / short!).toFixed(2)}`;
      return [
        `A line of 8 MB ${what}`,
        ms(long!),
        `one of 1 MB: ${ms(short!)}`,
        ratio,
        "at most 10",
      ];
    });
  } finally {
    project.remove();
    await server.close();
  }
}
