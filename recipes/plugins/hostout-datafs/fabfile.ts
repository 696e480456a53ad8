import { existsSync } from "node:fs";
import { join } from "node:path";
import { api, BuildoutError, task, words as wordsOf } from "../../../src/index.ts";

const words = (option: string) => wordsOf(String(api.env[option] ?? ""));

/** The directories to copy, relative to the buildout: the arguments, or else the option `data`. */
function folders(args: readonly string[]): string[] {
  const named = args.length > 0 ? [...args] : words("data");
  const outside = named.find((path) => path.startsWith("/") || path.split("/").includes(".."));
  if (outside === undefined) return named;
  throw new BuildoutError("outside-buildout", `'${outside}' is not below the buildout.`, {
    hint: "Name directories relative to the buildout, such as var/filestorage.",
  });
}

/** Asks, unless the first word is `--yes`. Returns the words after it, or undefined if declined. */
async function agreed(args: string[], question: (paths: string) => string) {
  const yes = args[0] === "--yes";
  const paths = folders(yes ? args.slice(1) : args);
  if (yes || (await api.confirm(question(paths.join(", "))))) return paths;
  api.note("Nothing was changed");
  return undefined;
}

const filters = () => ({ exclude: words("data-exclude"), delete: true });

export const pull = task(
  "Replace the local data with the host's",
  async (...args: string[]) => {
    const here = api.project.directory;
    const paths = await agreed(
      args,
      (list) => `Replace ${list} in ${here} with the data of ${api.env.name}?`,
    );
    if (paths === undefined) return false;
    for (const path of paths) {
      await api.asBuildoutUser(() =>
        api.rsync(`${join(here, path)}/`, `${path}/`, { ...filters(), download: true }),
      );
      api.note(`${path} now matches ${api.env.name}`);
    }
    return true;
  },
  { arguments: "[--yes] [DIRECTORY...]", example: "pull var/filestorage" },
);

export const push = task(
  "Replace the host's data with the local data",
  async (...args: string[]) => {
    const paths = await agreed(
      args,
      (list) => `Replace ${list} of ${api.env.name} with the local data?`,
    );
    if (paths === undefined) return false;
    for (const path of paths) {
      const local = join(api.project.directory, path);
      if (!existsSync(local)) {
        throw new BuildoutError("file-missing", `There is no directory ${local}.`);
      }
      await api.asBuildoutUser(() => api.rsync(`${local}/`, `${path}/`, filters()));
      api.note(`${path} on ${api.env.name} now matches the local copy`);
    }
    // The uploaded files belong to the buildout user now.
    if (api.env["effective-user"] !== undefined) await api.commands.setowners!();
    return true;
  },
  { arguments: "[--yes] [DIRECTORY...]", changes: true, example: "push var/filestorage" },
);
