import { booleanOption, defineRecipe, type Part } from "../../src/index.ts";
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

function install({ options }: Part): string[] {
  const comment = options.get("comment");
  const entry = [...(comment === undefined ? [] : [`# ${comment}`]), options.require("entry")];
  editCrontab(
    commands((name) => options.get(name)),
    (lines) => withEntry(lines, options.require("identifier"), entry),
  );
  return [];
}

export default defineRecipe({
  description: "Keeps an entry in the crontab of the user who runs buildout.",
  options: {
    times: { required: true, description: "When, as in crontab(5): `0 12 * * *` or `@daily`." },
    command: { required: true, description: "What is run." },
    comment: { description: "A line before the entry." },
    enabled: { description: "`false`: the entry is there, but as a comment." },
    readcrontab: { description: "Prints the crontab; default: crontab -l." },
    writecrontab: { description: "Takes a new one; default: crontab -." },
  },
  readsOnlyDeclared: true,
  init({ name, options, buildout }) {
    const entry = `${options.require("times")}\t${options.require("command")}`;
    const isEnabled = !options.has("enabled") || booleanOption(options, "enabled");
    options.set("entry", isEnabled ? entry : `# ${entry}`);
    options.set("identifier", `${buildout.directory} [${name}]`);
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
