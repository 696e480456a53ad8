import {
  defineRecipe,
  EGG_OPTIONS,
  eggPlaces,
  initializeEggs,
  type Part,
} from "../../src/index.ts";
import {
  BUILD_OPTIONS,
  buildSettings,
  environmentData,
  environmentSection,
  extensionBuild,
} from "./extension-build.ts";

function eggOf({ name, options, log }: Part): string {
  const egg = options.get("egg");
  if (egg !== undefined) return egg.trim();
  const old = options.get("eggs");
  if (old !== undefined) log.warning("The eggs option is deprecated. Use egg instead");
  return (old ?? name).trim();
}

async function install(part: Part, settings: ReadonlyMap<string, string>): Promise<string[]> {
  const { buildout } = part;
  if (buildout.offline) return [];
  const build = await extensionBuild(part, settings);
  return [await buildout.buildEgg(eggOf(part), build, await eggPlaces(part))];
}

const { eggs, ...places } = EGG_OPTIONS;

export default defineRecipe({
  description: "Builds a Python distribution with its own settings for C extensions.",
  options: {
    egg: { description: "The requirement; default: the part's name." },
    eggs: { description: "The old name of `egg`." },
    ...places,
    ...BUILD_OPTIONS,
  },
  readsOnlyDeclared: true,
  async init(part) {
    await initializeEggs(part);
    const settings = buildSettings(part);
    part.options.set("_environment-data", environmentData(await environmentSection(part)));
    return settings;
  },
  install,
  update: install,
});
