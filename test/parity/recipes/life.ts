/** Runs the steps of a case with an engine. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Case, Content } from "./cases.ts";
import type { Engine } from "./engines.ts";
import { heard, type Outcome, tree } from "./outcome.ts";

/** Folders for a comparison, below one that is removed in the end. */
export interface Place {
  readonly top: string;
  /** The buildout: the same for both engines, for hashes of addresses are in file names. */
  readonly directory: string;
  readonly output: string;
}

export function newPlace(): Place {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "parity-")));
  const output = join(top, "output");
  writeFileSync(output, "");
  return { top, directory: join(top, "buildout"), output };
}

function write(file: string, content: Content): void {
  if (content === null) {
    rmSync(file, { recursive: true, force: true });
    return;
  }
  if (file.endsWith("/")) {
    mkdirSync(file, { recursive: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  if (typeof content === "object" && "base64" in content) {
    writeFileSync(file, Buffer.from(content.base64, "base64"));
    return;
  }
  const { text, mode } = typeof content === "string" ? { text: content, mode: undefined } : content;
  writeFileSync(file, text);
  if (mode !== undefined) chmodSync(file, mode);
}

/** Names in a cache are hashes of URLs, which contain the directory's name. */
const withoutHash = (line: string) =>
  line.replace(/(cache\/(?:cmmi\/(?:build\/)?)?)[0-9a-f]{32,40}\b/g, "$1HASH");

/** The result of each step, in a directory that is empty before the first. */
export async function outcomes(
  engine: Engine,
  { top, directory, output }: Place,
  steps: Case,
  assignments: readonly string[] = [],
): Promise<Outcome[]> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const given = readdirSync(top);
  const real = (text: string) => text.replaceAll("@DIRECTORY@", directory).replaceAll("@TOP@", top);
  const plain = (text: string) =>
    text.replaceAll(directory, "@DIRECTORY@").replaceAll(top, "@TOP@");
  const all: Outcome[] = [];
  for (const change of steps) {
    for (const [name, content] of Object.entries(change)) {
      write(join(directory, name), typeof content === "string" ? real(content) : content);
    }
    truncateSync(output);
    const status = await engine.run(directory, assignments);
    const { said, error } = heard(
      plain(readFileSync(output, "utf8")).replace(/\/tmp\/[\w./-]+/g, "/tmp/..."),
    );
    all.push({
      status: status === 0 ? "ends well" : "fails",
      ...(error && { error }),
      said,
      left: tree(directory).map(plain).map(withoutHash),
    });
  }
  // Files that a case has put next to the buildout would also be there for the next engine.
  for (const entry of readdirSync(top).filter((name) => !given.includes(name))) {
    rmSync(join(top, entry), { recursive: true });
  }
  return all;
}
