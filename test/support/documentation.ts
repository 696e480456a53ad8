/** Pages of docs/ as tests: their blocks of code, and how output is compared. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Block {
  language: string;
  text: string;
  /** The name in the comment in its first line, or in the line above the block: "... `NAME`:". */
  file: string | undefined;
  title: string;
}

export function readBlocks(page: string): Block[] {
  return [...page.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map((match, index) => {
    const [, language = "", text = ""] = match;
    const [first = ""] = text.split("\n");
    const above = page.slice(0, match.index);
    const file =
      /^(?:\/\/|;) (\S+)$/.exec(first)?.[1] ?? /`([\w./-]+\.\w+)`:\n\n$/.exec(above)?.[1];
    return { language, text, file, title: `${index}: ${language} ${file ?? first}` };
  });
}

/** Every line must be there, in this order within stdout and within stderr; widths do not count. */
export function shownInOrder(output: string, shown: readonly string[]): void {
  const squeezed = (line: string) => line.replace(/\s+/g, " ").trimEnd();
  const expected = shown.map(squeezed);
  const lines = output.split("\n").map(squeezed);
  const missing = expected.filter((line) => !lines.includes(line));
  expect(missing, output).toEqual([]);
  const normal = expected.filter((line) => !/^(Error|Hostout: Warning)/.test(line));
  let from = 0;
  for (const line of normal) {
    const at = lines.indexOf(line, from);
    expect(at, `'${line}' after the line before it in:\n${output}`).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
}

/** The output of the TypeScript compiler for files that import this checkout as "hostout". */
export function typeErrors(folder: string, files: readonly string[]): string {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@types"), { recursive: true });
  symlinkSync(root, join(modules, "hostout"));
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  const compilerOptions = {
    module: "nodenext",
    target: "es2022",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout;
}
