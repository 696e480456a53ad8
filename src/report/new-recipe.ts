import { dirname } from "node:path";

/** Instructions for the package of a new recipe. */
export function newRecipeText(name: string, files: readonly string[]): string {
  const folder = dirname(files[0]!);
  return `Created the recipe package '${name}':
${files.map((file) => `  ${file}\n`).join("")}
Test it:

  cd ${folder}
  npm install
  npm test

Use it in a buildout:

  [buildout]
  develop = ${folder}
  parts = hello

  [hello]
  recipe = ${name}
  name = world

docs/writing-recipes.md of hostout describes everything a recipe can do.
`;
}
