import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

export interface NewRecipeRequest {
  /** Name of the npm package to be. */
  name: string;
  /** The working directory: the package gets a folder in it. */
  directory: string;
  /** The version of hostout whose types the recipe is written against. */
  version: string;
  /** Whether a native recipe has the name already, and would always be found first. */
  isNative(name: string): boolean;
}

/** A name that npm takes (npm documentation, package.json, "name"); undefined: none is near. */
function validName(name: string): string | undefined {
  const near = name
    .toLowerCase()
    .replace(/[^a-z0-9@/._~-]+/g, "-")
    .replace(/^[-._]+|[-._]+$/g, "");
  return /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(near) && near.length <= 214
    ? near
    : undefined;
}

function checkName({ name, isNative }: NewRecipeRequest): void {
  const valid = validName(name);
  if (valid !== name) {
    throw new BuildoutError("invalid-name", `${repr(name)} can't be the name of a package.`, {
      hint: `It has small letters, digits, '-', '.' and '_', with a scope before it or not.${valid ? ` Did you mean '${valid}'?` : ""}`,
    });
  }
  if (isNative(name)) {
    throw new BuildoutError("invalid-name", `There is a native recipe ${repr(name)}.`, {
      hint: "It would be found before yours: choose another name.",
    });
  }
}

function manifest({ name, version }: NewRecipeRequest): string {
  const content = {
    name,
    version: "0.1.0",
    description: "A recipe for buildout",
    keywords: ["buildout", "recipe"],
    type: "module",
    files: ["src"],
    buildout: { recipes: { default: "./src/index.ts" } },
    scripts: { test: "node --test", typecheck: "tsc" },
    engines: { node: ">=18.19" },
    devDependencies: { "@types/node": "^20.19.0", hostout: `^${version}`, typescript: ">=5.7" },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

const TYPESCRIPT = `{
  "compilerOptions": {
    "target": "es2022",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src"]
}
`;

const SOURCE = `import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { defineRecipe, type Part, writeFileAtomically } from "hostout";

const options = {
  name: { required: true, description: "Who is greeted." },
  output: {
    type: "path",
    default: "\${buildout:parts-directory}/\${:_buildout_section_name_}.txt",
    description: "The file to write.",
  },
  shout: { type: "boolean", default: "false", description: "Greet in capitals." },
} as const;

function install(part: Part<typeof options>): string[] {
  const { name, output, shout } = part.values;
  const greeting = \`Hello \${name}!\\n\`;
  mkdirSync(dirname(output), { recursive: true });
  part.created(output);
  writeFileAtomically(output, shout ? greeting.toUpperCase() : greeting);
  part.log.info(\`Wrote \${output}.\`);
  return [output];
}

export default defineRecipe({
  description: "Writes a greeting into a file.",
  options,
  readsOnlyDeclared: true,
  install,
  // Nothing changed: the file is as it was.
  update() {},
});
`;

const TEST = (name: string) => `import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const recipe = fileURLToPath(new URL("..", import.meta.url));

/** Runs buildout, which \`npm test\` puts on the PATH, on these lines of a part. */
function buildout(folder, ...part) {
  writeFileSync(
    join(folder, "buildout.cfg"),
    ["[buildout]", \`develop = \${recipe}\`, "parts = demo", "[demo]", ...part, ""].join("\\n"),
  );
  return execFileSync("buildout", ["-U"], { cwd: folder, encoding: "utf8" });
}

test("writes the greeting, and a changed one anew", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "recipe-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "parts/demo.txt");

  assert.match(buildout(folder, "recipe = ${name}", "name = world"), /Installing demo/);
  assert.equal(readFileSync(file, "utf8"), "Hello world!\\n");

  assert.match(buildout(folder, "recipe = ${name}", "name = world"), /Updating demo/);
  buildout(folder, "recipe = ${name}", "name = world", "output = hello.txt", "shout = true");
  assert.equal(readFileSync(join(folder, "hello.txt"), "utf8"), "HELLO WORLD!\\n");
  assert.equal(existsSync(file), false);
});
`;

const README = (name: string) => `# ${name}

A recipe for buildout that writes a greeting into a file.

\`\`\`ini
[buildout]
parts = hello

[hello]
recipe = ${name}
name = world
\`\`\`

| option   | default          | meaning                      |
| -------- | ---------------- | ---------------------------- |
| \`name\`   |                  | Who is greeted. Required.    |
| \`output\` | \`parts/PART.txt\` | The file to write.           |
| \`shout\`  | \`false\`          | \`true\`: greet in capitals.   |
`;

/** The files of a new recipe package: path -> text. */
function recipeSkeleton(request: NewRecipeRequest): ReadonlyMap<string, string> {
  const { name } = request;
  return new Map([
    ["package.json", manifest(request)],
    ["tsconfig.json", TYPESCRIPT],
    [".gitignore", "node_modules/\n"],
    ["README.md", README(name)],
    ["src/index.ts", SOURCE],
    ["test/recipe.test.js", TEST(name)],
  ]);
}

/**
 * Writes a recipe package in TypeScript into a folder of its name, whole or not at all. Returns the
 * files, from `directory`. Throws `invalid-name` and `file-exists`.
 */
export function writeNewRecipe(request: NewRecipeRequest): string[] {
  checkName(request);
  const { name, directory } = request;
  const folder = resolve(directory, name.slice(name.lastIndexOf("/") + 1));
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new BuildoutError("file-exists", `${repr(folder)} already exists.`, {
      hint: "Choose another name, or move the folder away.",
    });
  }
  const temporary = `${folder}.new-${process.pid}`;
  try {
    const files = recipeSkeleton(request);
    for (const [file, text] of files) {
      const path = join(temporary, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    renameSync(temporary, folder);
    return [...files.keys()].map((file) => relative(directory, join(folder, file)));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
