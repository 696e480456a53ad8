// The modules that most runs of a program import with `import()`: they belong to its core.
export const EVERYDAY = {
  buildout: ["hostout", "mkdir", "node", "template"].map((name) => `recipes/${name}/index.ts`),
  hostout: ["src/deploy/release/bundle.ts", "ssh2", "ssh2/lib/protocol/constants.js"],
};
