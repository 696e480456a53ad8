import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/** Files with passwords and private keys of hosts. */
const SECRETS = ["/parts/", "*_key"];

/** Keeps secrets of hosts out of git: adds missing lines to `.gitignore` in `directory`. */
export function ignoreSecrets(directory: string, report: Reporter<EngineEvent>): void {
  const file = join(directory, ".gitignore");
  const isNew = !existsSync(file);
  const text = isNew ? "" : readFileSync(file, "utf8");
  const bare = (line: string) => line.trim().replace(/^\/|\/$/g, "");
  const there = new Set(text.split("\n").map(bare));
  const missing = SECRETS.filter((line) => !there.has(bare(line)));
  if (missing.length === 0) return;
  report(
    isNew
      ? { type: "file-creating", path: file }
      : { type: "notice", message: `Adding ${missing.join(" and ")} to '${file}'.` },
  );
  const begin = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  writeFileAtomically(file, `${begin}${missing.map((line) => `${line}\n`).join("")}`);
}
