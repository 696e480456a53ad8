import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import {
  BuildoutError,
  defineRecipe,
  didYouMean,
  lastLines,
  makeDirectory,
  partDirectory,
  repr,
  runNpm,
  writeFileAtomically,
} from "../../src/index.ts";
import { provideNode } from "./distribution.ts";
import { type NodePart, OPTIONS } from "./options.ts";
import { isCommand, type Surroundings, wrapper } from "./script.ts";

const prefixOf = (part: NodePart) => partDirectory(part);

/** Installs the packages with npm. Throws `npm-failed`. */
async function installPackages(part: NodePart, node: string): Promise<void> {
  const { buildout, log, values } = part;
  const npms = values.npms ?? [];
  if (npms.length === 0) return;
  const shown = npms.join(" ");
  log.debug(`npm install -g ${shown}`);
  const args = [
    "install",
    "--global",
    `--prefix=${prefixOf(part)}`,
    `--cache=${path.join(homedir(), ".npm")}`,
    "--no-fund",
    "--no-audit",
    "--color=false",
    ...(buildout.offline ? ["--offline"] : []),
    ...npms,
  ];
  const result = await runNpm(args, buildout.directory, node);
  if (result.exitCode === 0) return;
  const location = part.options.location("npms");
  const message = buildout.offline
    ? `Couldn't install ${repr(shown)} npms in offline mode`
    : `npm could not install ${shown}.`;
  throw new BuildoutError("npm-failed", message, {
    ...(location && { location }),
    output: lastLines(result.all),
  });
}

const commandsIn = async (folder: string) => (await readdir(folder).catch(() => [])).sort();

/** The commands to wrap: name -> file. Throws `missing-script`. */
async function chooseCommands(part: NodePart, nodeBin: string): Promise<Map<string, string>> {
  const installed = path.join(prefixOf(part), "bin");
  const folders = [installed, nodeBin];
  const asked = part.values.scripts ?? [];
  const chosen = asked.length > 0 ? asked : await commandsIn(installed);
  const commands = new Map<string, string>();
  const missing: string[] = [];
  for (const name of new Set([...chosen, "node", "npm"])) {
    const file = folders.map((folder) => path.join(folder, name)).find(isCommand);
    if (file === undefined) missing.push(name);
    else commands.set(name, file);
  }
  if (missing.length === 0) return commands;
  const available = [...new Set((await Promise.all(folders.map(commandsIn))).flat())].sort();
  const location = part.options.location("scripts");
  const hint = didYouMean(missing[0]!, available);
  throw new BuildoutError(
    "missing-script",
    `Script(s) ${missing.map(repr).join(", ")} not found in ${folders.join(";")}.\n` +
      "You may have a typo in your buildout config.\n" +
      `Available scripts are: ${available.map(repr).join(", ")}`,
    { ...(location && { location }), ...(hint && { hint }) },
  );
}

/** Writes missing or changed scripts. Returns the paths of all. */
async function writeScripts(part: NodePart, node: string): Promise<string[]> {
  const { buildout, options: own, values } = part;
  const common = (await buildout.section("buildout")).get("relative-paths");
  const surroundings: Surroundings = {
    nodeBin: path.dirname(node),
    prefix: prefixOf(part),
    nodePath: (values["node-path"] ?? []).map((folder) => path.resolve(buildout.directory, folder)),
    relativeTo: (own.get("relative-paths") ?? common) === "true" ? buildout.directory : undefined,
  };
  const paths: string[] = [];
  for (const [name, command] of await chooseCommands(part, surroundings.nodeBin)) {
    const file = path.join(buildout.binDirectory, name);
    const text = wrapper(command, file, surroundings);
    paths.push(file);
    if ((await readFile(file, "utf8").catch(() => "")) === text) continue;
    makeDirectory(buildout.binDirectory);
    writeFileAtomically(file, text, 0o755);
    buildout.log.info(`Generated script '${file}'.`);
  }
  return paths;
}

export default defineRecipe({
  description: "Downloads node, installs npm packages and writes their commands into bin/.",
  options: OPTIONS,
  readsOnlyDeclared: true,
  async install(part) {
    makeDirectory(prefixOf(part));
    const node = await provideNode(part);
    await installPackages(part, node);
    const scripts = await writeScripts(part, node);
    part.created(...scripts);
    return scripts;
  },
  async update(part) {
    return writeScripts(part, await provideNode(part));
  },
});
