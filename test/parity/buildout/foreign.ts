/** Buildouts based on other people's code: public recipes, and whole public buildouts. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { change, type Subject } from "./compare.ts";
import { recipeBuildouts } from "./recipes.ts";

/** Runs `standins.py`; returns the lines that it prints. */
function makeWheels(python: string, ...words: readonly string[]): string[] {
  const script = fileURLToPath(new URL("standins.py", import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, ...words], {
    encoding: "utf8",
    env: { ...process.env, PYTHONWARNINGS: "ignore" },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split("\n").filter(Boolean);
}

/** The source of distributions, and a scratch directory. */
function scratch(): { wheels: string; index: string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "parity-wheels-")));
  const wheels = join(folder, "wheels");
  const index = join(folder, "index");
  for (const path of [wheels, index]) mkdirSync(path);
  return { wheels, index };
}

/** The wheels are all that there is, for pip's own builds, too. */
function environment(python: string, wheels: string): Record<string, string> {
  return {
    PIP_NO_INDEX: "1",
    PIP_FIND_LINKS: wheels,
    PATH: `${dirname(python)}:${process.env.PATH}`,
  };
}

/** One buildout for each public recipe of the table that is among the source trees. */
export function recipeSubjects(checkouts: string, python: string): Subject[] {
  const names = Object.keys(recipeBuildouts).filter((name) => existsSync(join(checkouts, name)));
  const { wheels, index } = scratch();
  const needs = names.flatMap((name) => recipeBuildouts[name]!.needs ?? []);
  const words = ["recipes", checkouts, wheels, ...names, ...needs];
  for (const line of makeWheels(python, ...words)) console.log(line);
  return names.map((name) => {
    const { sections, files = {}, native = false } = recipeBuildouts[name]!;
    const parts = [...sections.matchAll(/^\[(.*)\]\nrecipe/gm)].map((match) => match[1]).join(" ");
    const own = `[buildout]\nparts = ${parts}\nfind-links = ${wheels}\nindex = ${index}\nnewest = false\n`;
    return {
      name,
      steps: [{ run: [] }, { run: [] }, { run: ["buildout:parts="] }],
      prepare(directory) {
        change(directory, { ...files, "buildout.cfg": `${own}${sections}` });
      },
      environment: environment(python, wheels),
      whole: true,
      native,
    };
  });
}

function configurations(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".cfg"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A copy of a buildout in which files that it extends from the network are empty. */
function copyBuildout(source: string, directory: string): void {
  cpSync(source, directory, { recursive: true });
  const empty = join(directory, "absent.cfg");
  writeFileSync(empty, "[buildout]\n[versions]\n[sources]\n[remotes]\n");
  for (const file of configurations(directory)) {
    const text = readFileSync(file, "latin1");
    const local = relative(dirname(file), empty);
    writeFileSync(file, text.replace(/(?<![\w:=])https?:\/\/[^\s#]+\.cfg/g, local), "latin1");
  }
}

/** Whole buildouts, each in the directory of its configuration. */
export function buildoutSubjects(files: readonly string[], python: string): Subject[] {
  return files.flatMap((file): Subject[] => {
    const root = dirname(file);
    const { wheels, index } = scratch();
    const copy = join(dirname(wheels), basename(root));
    copyBuildout(root, copy);
    let overrides: string[];
    try {
      overrides = makeWheels(python, "buildout", join(copy, basename(file)), wheels);
    } catch (error) {
      console.log(
        `${file}: skipped, no distributions can be made for it.\n${(error as Error).message}`,
      );
      return [];
    }
    const step = [
      "-N",
      ...["-c", basename(file)],
      ...[`buildout:find-links=${wheels}`, `buildout:index=${index}`, "buildout:allow-hosts=*"],
      ...overrides,
    ];
    const subject: Subject = {
      name: `${basename(root)}/${basename(file)}`,
      // In the third one the original, too, has the order that its scripts keep.
      steps: [{ run: step }, { run: step }, { run: step }],
      prepare: (directory) => copyBuildout(root, directory),
      environment: environment(python, wheels),
      // Both engines run the replacements.
      ourArguments: ["buildout:native-recipes=false"],
      whole: true,
      eggs: true,
    };
    return [subject];
  });
}
