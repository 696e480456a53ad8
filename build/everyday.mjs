// The modules that most runs of a program import with `import()`: they belong to its core.
const RECIPES = ["hostout", "mkdir", "node", "template"];

export const EVERYDAY = {
  buildout: [
    ...RECIPES.map((name) => `recipes/${name}/index.ts`),
    // For Node 18, which many hosts have.
    "src/system/older-lock.ts",
  ],
  hostout: ["src/deploy/release/bundle.ts", "ssh2", "ssh2/lib/protocol/constants.js"],
};
