import {
  AUTO_CHECKOUT,
  CHECKED_OUT,
  type Command,
  type CommandContext,
  DEVELOP,
  isCheckedOut,
  selectPackages,
} from "./command.ts";

/** Whether a package can be developed; warns if not. */
function isDevelopable({ project, log }: CommandContext, name: string): boolean {
  if (!isCheckedOut(project, name)) {
    log.warning(`The package '${name}' matched, but isn't checked out.`);
    return false;
  }
  if (project.sources.get(name)!.egg) return true;
  log.warning(`The package '${name}' isn't an egg.`);
  return false;
}

export const activate: Command = {
  name: "activate",
  aliases: ["a"],
  description: "Add packages to the list of development packages.",
  flags: [AUTO_CHECKOUT, CHECKED_OUT, DEVELOP],
  words: "regexps-required",
  async run(context, args) {
    const { project, log } = context;
    let changed = false;
    for (const name of selectPackages(context, args)) {
      if (!isDevelopable(context, name)) continue;
      project.state.activations.set(name, true);
      log.info(`Activated '${name}'.`);
      changed = true;
    }
    if (changed) {
      log.warning(
        "Don't forget to run buildout again, so the activated packages are actually used.",
      );
    }
    project.state.save();
  },
};

export const deactivate: Command = {
  name: "deactivate",
  aliases: ["d"],
  description: "Remove packages from the list of development packages.",
  flags: [AUTO_CHECKOUT, CHECKED_OUT, DEVELOP],
  words: "regexps-required",
  async run(context, args) {
    const { project, log } = context;
    const { activations } = project.state;
    let changed = false;
    for (const name of selectPackages(context, args)) {
      if (!isDevelopable(context, name) || activations.get(name) === false) continue;
      activations.set(name, false);
      log.info(`Deactivated '${name}'.`);
      changed = true;
    }
    if (changed) {
      log.warning(
        "Don't forget to run buildout again, so the deactivated packages are actually not used anymore.",
      );
    }
    project.state.save();
  },
};

export const reset: Command = {
  name: "reset",
  aliases: [],
  description:
    "Resets the packages develop status. This is useful when switching to a new buildout configuration.",
  flags: [AUTO_CHECKOUT, CHECKED_OUT, DEVELOP],
  words: "regexps",
  async run(context, args) {
    const { project, log } = context;
    const names = selectPackages(context, args).filter((name) =>
      project.state.activations.delete(name),
    );
    for (const name of names) log.info(`Reset develop state of '${name}'.`);
    if (names.length > 0) {
      log.warning(
        "Don't forget to run buildout again, so the deactivated packages are actually not used anymore.",
      );
    }
    project.state.save();
  },
};
