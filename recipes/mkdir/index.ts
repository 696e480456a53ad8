import { spawnSync } from "node:child_process";
import { chmod, mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { BuildoutError, defineRecipe, lines, type Part, partDirectory } from "../../src/index.ts";

const isTrue = (value: string) => ["yes", "on", "true", "1"].includes(value.toLowerCase());

/** `755`, `0755` and, as published by the part, `0o755`. */
function modeOf({ options }: Part): number | undefined {
  const text = options.get("mode");
  if (text === undefined) return undefined;
  if (/^(0o)?[0-7]+$/i.test(text.trim())) return Number.parseInt(text.replace(/^\s*0o/i, ""), 8);
  const location = options.location("mode");
  throw new BuildoutError("invalid-value", `'mode' must be an octal number: ${text}`, {
    ...(location && { location }),
  });
}

/** Sets the mode and owner of a directory. Throws `chown-failed`. */
async function setPermissions(part: Part, folder: string): Promise<void> {
  const { options, log } = part;
  const said: string[] = [];
  const mode = modeOf(part);
  if (mode !== undefined) {
    await chmod(folder, mode);
    said.push(`mode 0${mode.toString(8)}`);
  }
  const user = options.get("user") ?? "";
  const group = options.get("group") ?? "";
  if (user !== "" || group !== "") {
    const owner = group === "" ? user : `${user}:${group}`;
    const { status, stderr } = spawnSync("chown", [owner, folder], { encoding: "utf8" });
    if (status !== 0) {
      throw new BuildoutError("chown-failed", `Cannot change the owner of ${folder} to ${owner}.`, {
        output: stderr?.trim(),
      });
    }
    if (user !== "") said.push(`user '${user}'`);
    if (group !== "") said.push(`group '${group}'`);
  }
  if (said.length > 0) log.info(`  ${said.join(", ")}`);
}

/** Creates a directory and its parents. Directories named by the part get its permissions. */
async function make(part: Part, folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const { options, log } = part;
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) {
    if (!wanted.has(folder)) return;
    log.info(`set permissions for ${folder}`);
    return setPermissions(part, folder);
  }
  if (there !== undefined) {
    throw new BuildoutError("not-a-directory", `Cannot create directory: ${folder}. It's a file.`);
  }
  const parent = path.dirname(folder);
  const above = await stat(parent).catch(() => undefined);
  if (above?.isDirectory() !== true) {
    if (!isTrue(options.require("create-intermediate"))) {
      throw new BuildoutError(
        "no-parent",
        `Cannot create: ${folder}\n       Parent does not exist or not a directory.`,
        { hint: "Set create-intermediate = yes to create it." },
      );
    }
    await make(part, parent, wanted);
  }
  await mkdir(folder);
  if (isTrue(options.require("remove-on-update"))) part.created(folder);
  log.info(`created path: ${folder}`);
  await setPermissions(part, folder);
}

async function install(part: Part): Promise<string[]> {
  const folders = lines(part.options.require("paths"));
  for (const folder of folders) await make(part, folder, new Set(folders));
  return part.created();
}

export default defineRecipe({
  description: "Creates directories.",
  options: {
    paths: { type: "lines", description: "The directories, one per line; default: parts/NAME." },
    mode: { description: "Octal permissions." },
    user: { description: "Owner of the directories." },
    group: { description: "Group of the directories." },
    "create-intermediate": { description: "`no`: the parent directory must exist." },
    "remove-on-update": {
      description: "`yes`: the directories belong to the part and are removed with it.",
    },
  },
  readsOnlyDeclared: true,
  init(part) {
    const { options, buildout } = part;
    const named = options.get("paths") ?? partDirectory(part);
    const folders = lines(named).map((folder) => path.resolve(buildout.directory, folder));
    options.set("paths", folders.sort().join("\n"));
    for (const [option, standard] of [
      ["create-intermediate", "yes"],
      ["remove-on-update", "no"],
    ] as const) {
      options.set(option, isTrue(options.get(option) ?? standard) ? "True" : "False");
    }
    const mode = modeOf(part);
    if (mode !== undefined) options.set("mode", `0o${mode.toString(8)}`);
  },
  install,
  settled: ({ options }) => lines(options.require("paths")),
  update: install,
});
