import { existsSync } from "node:fs";
import { join } from "node:path";
import { api, BuildoutError, task, words as wordsOf } from "../../../src/index.ts";

const words = (option: string) => wordsOf(String(api.env[option] ?? ""));

/** The folders to move, from the buildout's: those named, else the option `data`. */
function folders(args: readonly string[]): string[] {
  const named = args.length > 0 ? [...args] : words("data");
  const outside = named.find((path) => path.startsWith("/") || path.split("/").includes(".."));
  if (outside === undefined) return named;
  throw new BuildoutError("outside-buildout", `'${outside}' is not below the buildout.`, {
    hint: "Name folders as seen from the buildout, such as var/filestorage.",
  });
}

/** Asks, unless the first word is `--yes`. Returns the words after it, or nothing for a no. */
async function agreed(args: string[], question: (paths: string) => string) {
  const yes = args[0] === "--yes";
  const paths = folders(yes ? args.slice(1) : args);
  if (yes || (await api.confirm(question(paths.join(", "))))) return paths;
  api.note("Nothing was changed");
  return undefined;
}

const filters = () => ({ exclude: words("data-exclude"), delete: true });

export const pull = task(
  "Replace the data here by the host's",
  async (...args: string[]) => {
    const here = api.project.directory;
    const paths = await agreed(
      args,
      (list) => `Replace ${list} in ${here} by the data of ${api.env.name}?`,
    );
    if (paths === undefined) return false;
    for (const path of paths) {
      await api.asBuildoutUser(() =>
        api.rsync(`${join(here, path)}/`, `${path}/`, { ...filters(), download: true }),
      );
      api.note(`${path} is now as on ${api.env.name}`);
    }
    return true;
  },
  { arguments: "[--yes] [FOLDER...]", example: "pull var/filestorage" },
);

export const push = task(
  "Replace the host's data by the data here",
  async (...args: string[]) => {
    const paths = await agreed(
      args,
      (list) => `Replace ${list} of ${api.env.name} by the data here?`,
    );
    if (paths === undefined) return false;
    for (const path of paths) {
      const local = join(api.project.directory, path);
      if (!existsSync(local)) {
        throw new BuildoutError("file-missing", `There is no folder ${local} to push.`);
      }
      await api.asBuildoutUser(() => api.rsync(`${local}/`, `${path}/`, filters()));
      api.note(`${path} on ${api.env.name} is now as here`);
    }
    // What was put there belongs to the buildout user now.
    if (api.env["effective-user"] !== undefined) await api.commands.setowners!();
    return true;
  },
  { arguments: "[--yes] [FOLDER...]", changes: true, example: "push var/filestorage" },
);
