import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

/** All programs of this machine except `tar`: a directory below `scratch`, for PATH. */
export function programsWithoutTar(scratch: string): string {
  const folder = join(scratch, "programs");
  mkdirSync(folder);
  const names = new Set(["tar"]);
  for (const from of (process.env.PATH ?? "").split(delimiter).filter(existsSync)) {
    for (const name of readdirSync(from)) {
      if (!names.has(name)) symlinkSync(join(from, name), join(folder, name));
      names.add(name);
    }
  }
  return folder;
}
