import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { command, environment, project } from "../../support/command-project.ts";

/** A recipe that kills its own run at the PART:POINT in the file `kill`. */
const RECIPE = `import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
function at(part, point) {
  if (!existsSync("kill") || readFileSync("kill", "utf8") !== part.name + ":" + point) return;
  rmSync("kill");
  process.kill(process.pid, "SIGKILL");
}
export default {
  description: "makes a folder and a file, and counts its updates",
  init(part) { at(part, "init"); },
  install(part) {
    const folder = "parts/" + part.name;
    const file = "bin/" + part.name;
    at(part, "begin");
    part.created(folder, file);
    mkdirSync(folder);
    at(part, "half");
    writeFileSync(folder + "/text", part.options.get("text"));
    writeFileSync(file, part.options.get("text"));
    at(part, "made");
    return [folder, file];
  },
  update(part) { at(part, "update"); },
  uninstall(part) { at(part, "uninstall"); },
};`;

const PARTS = ["first", "middle", "last"];

function configuration(parts: readonly string[], text: string): string {
  const sections = PARTS.map((name) => `[${name}]\nrecipe = ./r.mjs\ntext = ${text}\n`);
  return `[buildout]\nparts = ${parts.join(" ")}\n${sections.join("")}`;
}

/** Every file below the directory, with its content. */
function state(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    files[name] = statSync(path).isFile() ? readFileSync(path, "utf8") : "a folder";
  }
  return files;
}

function run(directory: string) {
  return spawnSync(process.execPath, [command], {
    cwd: directory,
    env: environment(directory),
    encoding: "utf8",
  });
}

// A run with everything to make, one with nothing to do, and one that removes, changes and makes.
const STEPS = [
  configuration(PARTS.slice(0, 2), "one"),
  configuration(PARTS.slice(0, 2), "one"),
  configuration(PARTS.slice(1), "two"),
];

let clean: Record<string, string>[];
beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), "buildout-kill-"));
  writeFileSync(join(directory, "r.mjs"), RECIPE);
  clean = STEPS.map((text) => {
    writeFileSync(join(directory, "buildout.cfg"), text);
    expect(run(directory).status).toBe(0);
    return state(directory);
  });
  rmSync(directory, { recursive: true });
});

const POINTS = ["init", "begin", "half", "made", "update", "uninstall"];

test.each(["first", "last"].flatMap((part) => POINTS.map((point) => `${part}:${point}`)))(
  "after a kill at %s the next run ends as one that nothing stopped",
  (point) => {
    const p = project({ "r.mjs": RECIPE });
    for (const [step, text] of STEPS.entries()) {
      p.write("buildout.cfg", text);
      p.write("kill", point);
      const { signal } = run(p.directory);
      expect(signal === "SIGKILL").toBe(!p.has("kill"));
      rmSync(p.path("kill"), { force: true });
      expect(run(p.directory)).toMatchObject({ status: 0, stderr: "" });
      expect(state(p.directory)).toEqual(clean[step]);
    }
  },
);
