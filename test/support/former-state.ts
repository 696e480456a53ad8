import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

type Entry =
  | { mode: string; text: string }
  | { mode: string; gzip: string }
  | { link: string }
  /** An empty directory. */
  | null;

/** The files left on a host by version 2.0.0-alpha.1, after a deployment and after an interrupted one. */
export type FormerState = "complete" | "interrupted";

const record = JSON.parse(
  readFileSync(new URL("former-state.json", import.meta.url), "utf8"),
) as Record<FormerState, Record<string, Entry>>;

/** Puts it into the home directory `home`; the buildout is `path` there. */
export function writeFormerState(state: FormerState, home: string, path = "app"): void {
  for (const [name, entry] of Object.entries(record[state])) {
    const target = join(home, name.replace(/^app\//, `${path}/`));
    mkdirSync(entry === null ? target : dirname(target), { recursive: true });
    if (entry === null) continue;
    if ("link" in entry) {
      symlinkSync(entry.link, target);
      continue;
    }
    const content =
      "gzip" in entry
        ? gunzipSync(Buffer.from(entry.gzip, "base64"))
        : entry.text.replaceAll("HOME/app/.hostout", `${home}/${path}/.hostout`);
    writeFileSync(target, content);
    chmodSync(target, Number.parseInt(entry.mode, 8));
  }
}
