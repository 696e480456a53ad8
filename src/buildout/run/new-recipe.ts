import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

export interface NewRecipeRequest {
  /** Name of the npm package to be. */
  name: string;
  /** The working directory, in which the package gets a directory. */
  directory: string;
  /** The version of hostout whose types the recipe is written against. */
  version: string;
  /** Whether there is a native recipe with this name, which would take precedence. */
  isNative(name: string): boolean;
}

/** A similar name that npm accepts (npm documentation, package.json, "name"); undefined if there is none. */
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
    throw new BuildoutError("invalid-name", `${repr(name)} is not a valid package name.`, {
      hint: `Use lowercase letters, digits, '-', '.' and '_', with or without a scope.${valid ? ` Did you mean '${valid}'?` : ""}`,
    });
  }
  if (isNative(name)) {
    throw new BuildoutError("invalid-name", `A native recipe ${repr(name)} already exists.`, {
      hint: "It would take precedence over yours: choose another name.",
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
  name: { required: true, description: "Who to greet." },
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
  // Nothing changed: keep the file.
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

test("writes the greeting, and rewrites a changed one", (context) => {
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
| \`name\`   |                  | Who to greet. Required.    |
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
 * Writes a recipe package in TypeScript to a directory with its name, atomically. Returns the files,
 * relative to `directory`. Throws `invalid-name` and `file-exists`.
 */
export function writeNewRecipe(request: NewRecipeRequest): string[] {
  checkName(request);
  const { name, directory } = request;
  const folder = resolve(directory, name.slice(name.lastIndexOf("/") + 1));
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new BuildoutError("file-exists", `${repr(folder)} already exists.`, {
      hint: "Choose another name, or move the directory away.",
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
