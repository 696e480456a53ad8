import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { GENERATED } from "../../docs/generate.ts";
import { CODE_CHAPTERS } from "../../src/errors/codes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const codes = [...CODE_CHAPTERS.values()].flatMap((chapter) => Object.keys(chapter));

function files(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.startsWith("errors/codes/"))
    .map((name) => readFileSync(join(root, folder, name), "utf8"));
}

describe("error codes", () => {
  test("are in one chapter each", () => {
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  test("are all used", () => {
    const text = [...files("src", ".ts"), ...files("recipes", ".ts")].join("\n");
    // `${command}-failed` of git and hg is typed by its two commands.
    const unused = codes.filter(
      (code) => !text.includes(`"${code}"`) && !/^(git|hg)-failed$/.test(code),
    );
    expect(unused).toEqual([]);
  });

  test.each([...GENERATED])("%s is up to date: run `npm run docs`", (path, content) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(content());
  });
});
