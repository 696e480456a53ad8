import { existsSync } from "node:fs";
import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { defineRecipe, makeDirectory, withLock } from "../../src/index.ts";
import { buildSources } from "./build.ts";
import { type CmmiPart, destinationOf, OPTIONS, type Recipe, readRecipe } from "./recipe.ts";

/** Read when the part is initialized, which replaces `location`. */
interface Prepared {
  recipe: Recipe;
  shared: boolean;
}

const destination = (part: CmmiPart) =>
  path.resolve(part.buildout.directory, part.options.require("location"));

/** The file next to a shared build that is not finished. */
const unfinishedMark = (folder: string) => `${folder}.unfinished`;

const isBuilt = (folder: string) => existsSync(folder) && !existsSync(unfinishedMark(folder));

async function removeIfEmpty(folder: string): Promise<void> {
  if ((await readdir(folder)).length === 0) await rmdir(folder);
}

async function buildOwn(part: CmmiPart, recipe: Recipe): Promise<void> {
  const folder = destination(part);
  await buildSources(part, recipe, folder, async () => {
    part.created(part.options.require("location")); // The engine removes it if this fails.
    makeDirectory(folder);
  });
}

/**
 * Builds if necessary. A build is made in place, so a file next to it marks it as unfinished; a lock makes
 * other buildouts wait.
 */
async function buildShared(part: CmmiPart, recipe: Recipe): Promise<void> {
  const folder = destination(part);
  const unfinished = unfinishedMark(folder);
  const found = () => part.log.info("using existing shared build");
  if (isBuilt(folder)) return found();
  const around = path.dirname(folder);
  // Not in a directory that is removed if its first build fails.
  const cache = path.resolve(part.buildout.directory, part.buildout.downloadCache ?? around);
  const locked = around.startsWith(`${cache}/`) ? cache : around;
  makeDirectory(locked);
  const onWait = (pid: number | undefined) => {
    const who = pid === undefined ? "Another buildout" : `Another buildout (process ${pid})`;
    part.log.info(`${who} is building in ${around}; waiting for it.`);
  };
  await withLock(locked, onWait, async () => {
    if (isBuilt(folder)) return found();
    makeDirectory(around);
    const clear = async () => {
      await rm(folder, { recursive: true, force: true });
      await rm(unfinished, { force: true });
    };
    await clear();
    try {
      await buildSources(part, recipe, folder, async () => {
        await writeFile(unfinished, "");
        await mkdir(folder);
      });
      await rm(unfinished);
    } catch (error) {
      await clear();
      await removeIfEmpty(around);
      throw error;
    }
  });
}

async function build(part: CmmiPart, { recipe, shared }: Prepared): Promise<void> {
  await (shared ? buildShared(part, recipe) : buildOwn(part, recipe));
}

export default defineRecipe({
  description: "Downloads sources, configures, makes and installs them.",
  options: OPTIONS,
  readsOnlyDeclared: true,
  init(part): Prepared {
    const recipe = readRecipe(part);
    const { location, shared } = destinationOf(part, recipe);
    part.options.set("location", location);
    return { recipe, shared };
  },
  async install(part, prepared) {
    await build(part, prepared);
    // A shared build does not belong to the part.
    return prepared.shared ? "" : part.options.require("location");
  },
  settled: (part) => [part.options.require("location")],
  async update(part, prepared) {
    if (!isBuilt(destination(part))) await build(part, prepared);
  },
});
