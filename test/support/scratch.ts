import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A temporary directory that is removed after the test. */
export function scratch(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "hostout-test-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files (name -> string or JSON data) into a directory; returns the directory. */
export function writeFiles(directory: string, files: Record<string, string | object>): string {
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return directory;
}

export interface ScratchFiles {
  directory: string;
  path(name: string): string;
  write(name: string, text: string): void;
  read(name: string): string;
  has(name: string): boolean;
  /** A text with the directory as `/p`. */
  plain(text: string): string;
}

/** A temporary directory with these files; it is removed after the test. */
export function scratchFiles(files: Record<string, string> = {}): ScratchFiles {
  const directory = writeFiles(scratch(), files);
  const path = (name: string) => join(directory, name);
  return {
    directory,
    path,
    write: (name, text) => void writeFiles(directory, { [name]: text }),
    read: (name) => readFileSync(path(name), "utf8"),
    has: (name) => existsSync(path(name)),
    plain: (text) => text.replaceAll(directory, "/p"),
  };
}
