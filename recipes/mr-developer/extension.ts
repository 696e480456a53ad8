import { basename } from "node:path";
import { BuildoutError, type Extension, type ExtensionContext, words } from "../../src/index.ts";
import { type Ask, checkOut } from "./checkout.ts";
import { developedPackages, NAME, openProject } from "./project.ts";

/** The part that writes `bin/develop`. */
const PART = "_mr.developer";

/** What the extension needs besides the buildout. */
export interface Run {
  /** The command line: the command as it was called, then its arguments. */
  argv: readonly string[];
  /** Whether a command other than plain `install` was named. */
  commandGiven: boolean;
  ask: Ask;
  /** Text for standard output. */
  print(line: string): void;
}

/** The extension `mr.developer`: checks packages out and develops them. */
export function mrDeveloper(run: Run): Extension {
  return { default: (buildout) => setUp(buildout, run) };
}

async function setUp(buildout: ExtensionContext, run: Run): Promise<void> {
  const log = buildout.logger(NAME);
  const project = await openProject(buildout, log);
  const { settings, state, sources, autoCheckout } = project;
  const { alwaysCheckout, submodules, acceptCertificates, offline } = settings;
  if (!run.commandGiven && /^buildout(-script\.py)?$/.test(basename(run.argv[0] ?? ""))) {
    state.buildoutArguments = [...run.argv];
  }
  const options = await buildout.section("buildout");
  const written = options.get("develop") ?? "";
  const wanted = new Set(autoCheckout);
  for (const name of developedPackages(project, written).paths.keys()) {
    const source = sources.get(name);
    if (source && (alwaysCheckout || source.keys.has("update"))) wanted.add(name);
  }
  if (!buildout.isPlan)
    await checkOut(
      [...wanted].sort(),
      {
        update: alwaysCheckout !== false,
        force: alwaysCheckout === "force",
        submodules,
        acceptCertificates,
        offline,
      },
      {
        sources,
        directory: buildout.directory,
        threads: settings.threads,
        log,
        print: run.print,
        ask: run.ask,
        verbose: buildout.logLevel <= 10 || settings.verbose,
      },
    );
  // Again: now everything exists.
  const developed = developedPackages(project, written);
  await buildout.unpin(developed.sources);
  options.set("develop", [...developed.paths.values()].join("\n"));
  options.set("sources-dir", settings.sourcesDirectory);
  await addPart(buildout);
  if (!buildout.isPlan) state.save();
}

async function addPart(buildout: ExtensionContext): Promise<void> {
  if (buildout.has(PART)) {
    throw new BuildoutError(
      "section-exists",
      `The buildout already has a '${PART}' section, this shouldn't happen`,
      { hint: "Rename the section: mr.developer creates a part with this name." },
    );
  }
  const options = await buildout.section("buildout");
  const parts = words(options.get("parts") ?? "");
  options.set("parts", [PART, ...parts].join(" "));
  await buildout.addSection(PART, { recipe: NAME });
}
