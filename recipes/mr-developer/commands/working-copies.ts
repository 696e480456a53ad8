import { lstatSync } from "node:fs";
import { rm } from "node:fs/promises";
import { relative } from "node:path";
import { BuildoutError } from "../../../src/index.ts";
import { askYesNoAll, checkOut, update as updateAll } from "../checkout.ts";
import { workingCopyOf } from "../kinds.ts";
import {
  AUTO_CHECKOUT,
  type Command,
  checkoutContext,
  checkoutOptions,
  DEVELOP,
  selectPackages,
  VERBOSE,
} from "./command.ts";

export const checkout: Command = {
  name: "checkout",
  aliases: ["co"],
  description:
    "Make a checkout of the packages matching the regular expressions and add them to the list of development packages.",
  flags: [AUTO_CHECKOUT, VERBOSE],
  words: "regexps-required",
  async run(context, args) {
    const { project, log } = context;
    const names = selectPackages(context, args);
    const verbose = args.flags.includes("verbose");
    await checkOut(names, checkoutOptions(context), checkoutContext(context, verbose));
    for (const name of names) {
      if (!project.sources.get(name)!.egg) continue;
      project.state.activations.set(name, true);
      log.info(`Activated '${name}'.`);
    }
    log.warning(
      "Don't forget to run buildout again, so the checked out packages are used as develop eggs.",
    );
    project.state.save();
  },
};

export const update: Command = {
  name: "update",
  aliases: ["up"],
  description: "Updates all known packages currently checked out.",
  flags: [
    AUTO_CHECKOUT,
    DEVELOP,
    { short: "f", long: "force", help: "Force update even if the working copy is dirty." },
    VERBOSE,
  ],
  words: "regexps",
  async run(context, { flags, words }) {
    const names = selectPackages(context, { flags: [...flags, "checked-out"], words });
    const force = flags.includes("force") || context.project.settings.alwaysCheckout === "force";
    const options = { ...checkoutOptions(context), update: true, force };
    await updateAll(names, options, checkoutContext(context, flags.includes("verbose")));
  },
};

export const purge: Command = {
  name: "purge",
  aliases: [],
  description: `Remove checked out packages which aren't active anymore.

Only 'svn' packages can be purged, because other repositories may contain unrecoverable files even when not marked as 'dirty'.`,
  flags: [
    {
      short: "n",
      long: "dry-run",
      help: "Don't actually remove anything, just print the paths which would be removed.",
    },
    {
      short: "f",
      long: "force",
      help: "Force purge even if the working copy is dirty or unknown (non-svn).",
    },
  ],
  words: "regexps",
  async run(context, { flags, words }) {
    const { project, developed, log, ask } = context;
    const { directory, sources, autoCheckout } = project;
    const dryRun = flags.includes("dry-run");
    if (dryRun) log.info("Dry run, nothing will be removed.");
    let all = false;
    for (const name of selectPackages(context, { flags: ["checked-out"], words })) {
      if (autoCheckout.has(name) || developed.has(name)) continue;
      const source = sources.get(name)!;
      if (lstatSync(source.path).isSymbolicLink()) {
        log.info(`Skipped purge of linked '${name}'.`);
        continue;
      }
      const path = relative(directory, source.path);
      const workingCopy = workingCopyOf({ source, directory, log });
      const dirty = (await workingCopy.status()).status !== "clean";
      const mayLose = source.kind !== "svn";
      if (mayLose) {
        log.warning(
          `The directory of package '${name}' at '${path}' might contain unrecoverable files and will not be removed without --force.`,
        );
      }
      if (dirty) {
        log.warning(`The package '${name}' is dirty and will not be removed without --force.`);
      }
      if (mayLose || dirty) {
        if (!flags.includes("force")) continue;
        if (!all && !dryRun) {
          const answer = await askYesNoAll(ask, "Do you want to purge it anyway?");
          if (answer === "no") {
            log.info(`Skipped purge of '${name}'.`);
            continue;
          }
          all = answer === "all";
        }
      }
      if (`${directory}/`.startsWith(`${source.path}/`)) {
        throw new BuildoutError(
          "unsafe-removal",
          `The package '${name}' is at '${source.path}', which contains the buildout itself.`,
        );
      }
      log.info(`Removing package '${name}' at '${path}'.`);
      if (!dryRun) await rm(source.path, { recursive: true, force: true });
    }
  },
};
