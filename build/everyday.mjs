// The modules that most runs of a program import with `import()`: they belong to its core.
const RECIPES = ["egg", "hostout", "mkdir", "node", "template"];
/** What a part with eggs needs if all of them are installed. */
const EGGS = [
  ...["buildout/run/python", "buildout/run/picked"],
  "distributions/python/install/install-distributions",
];

const BUILDOUT = [
  ...RECIPES.map((name) => `recipes/${name}/index.ts`),
  ...EGGS.map((name) => `src/${name}.ts`),
  // It starts Python before the rest is loaded.
  "src/bridge/recipe-executable.ts",
  // For Node 18, which many hosts have.
  "src/system/older-lock.ts",
];

/** What develop packages need if nothing has changed since their last release. */
export const RELEASES = [
  ...["node/manifest", "python/develop/pyproject"],
  ...["release/node-release", "release/python-release"],
];

export const EVERYDAY = {
  buildout: BUILDOUT,
  // Each build of a deployment needs it.
  engine: [...BUILDOUT, "src/buildout/run/settled.ts"],
  hostout: [
    ...["src/deploy/release/bundle.ts", "ssh2", "ssh2/lib/protocol/constants.js"],
    "ssh2/lib/protocol/utils.js",
    ...RELEASES.map((name) => `src/distributions/${name}.ts`),
  ],
};
