import { realpathSync } from "node:fs";
import { booleanOption, defineRecipe, lastingDirectory, type Part } from "../../src/index.ts";
import { type Commands, editCrontab, withEntry, withoutEntry } from "./crontab.ts";

const NO_ENTRY =
  "WARNING: Did not find a crontab-entry during uninstall; " +
  "please check manually if everything was removed correctly";

/** The commands of a part, or of one that was installed earlier. */
function commands(option: (name: string) => string | undefined): Commands {
  return {
    read: option("readcrontab") ?? "crontab -l",
    write: option("writecrontab") ?? "crontab -",
  };
}

function install({ options, buildout, log }: Part): string[] {
  const comment = options.get("comment");
  const entry = [...(comment === undefined ? [] : [`# ${comment}`]), options.require("entry")];
  const identifier = options.require("identifier");
  const isCurrent = leadsTo(lastingDirectory(buildout), buildout.directory);
  if (!isCurrent) log.info("The entry is added to the crontab when the release becomes current.");
  editCrontab(
    commands((name) => options.get(name)),
    // An unreadable crontab is reported before the release switch.
    (lines) => (isCurrent ? withEntry(lines, identifier, entry) : lines),
  );
  return [];
}

/** Whether a path, which may be a link, is `directory`. */
function leadsTo(name: string, directory: string): boolean {
  if (name === directory) return true;
  try {
    return realpathSync(name) === realpathSync(directory);
  } catch {
    return false;
  }
}

/** Replaces the directory of this release in a text with one for the current release. */
function lasting(text: string, buildout: Part["buildout"]): string {
  const { directory } = buildout;
  const name = lastingDirectory(buildout);
  return text
    .split(directory)
    .map((rest, at) => (at === 0 ? rest : `${/^[\w.-]/.test(rest) ? directory : name}${rest}`))
    .join("");
}

export default defineRecipe({
  description: "Keeps an entry in the crontab of the user who runs buildout.",
  options: {
    times: { required: true, description: "When, as in crontab(5): `0 12 * * *` or `@daily`." },
    command: { required: true, description: "Command to run." },
    comment: { description: "A line before the entry." },
    enabled: { description: "`false`: the entry is commented out." },
    readcrontab: { description: "Prints the crontab; default: crontab -l." },
    writecrontab: { description: "Installs a new one; default: crontab -." },
  },
  readsOnlyDeclared: true,
  init({ name, options, buildout }) {
    const command = lasting(options.require("command"), buildout);
    const entry = `${options.require("times")}\t${command}`;
    const isEnabled = !options.has("enabled") || booleanOption(options, "enabled");
    options.set("entry", isEnabled ? entry : `# ${entry}`);
    options.set("identifier", `${lastingDirectory(buildout)} [${name}]`);
  },
  install,
  update: install,
  uninstall(_name, options, log) {
    const identifier = options.get("identifier");
    if (identifier === undefined) return;
    editCrontab(
      commands((name) => options.get(name)),
      (lines) => {
        const others = withoutEntry(lines, identifier);
        if (others === undefined) log.warning(NO_ENTRY);
        return others ?? lines;
      },
    );
  },
});
