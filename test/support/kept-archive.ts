import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The archive of a complete release on the host whose buildout directory is `app`. */
export function keptArchive(app: string, number: number): string {
  const release = join(app, ".hostout/releases", String(number));
  const name = readdirSync(release).find((one) => one.startsWith("whole."));
  if (name === undefined) throw new Error(`${release} has no archive`);
  return join(release, name);
}
