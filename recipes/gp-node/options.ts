import type { Part } from "../../src/index.ts";

export const OPTIONS = {
  version: { description: "Version of node; default: the one that runs buildout." },
  "binary-url": { description: "Where to get it: {v} version, {p} platform, {a} architecture." },
  url: { description: "The archive with a node distribution." },
  binary: { description: "An existing node executable." },
  "node-directory": { description: "Where to unpack node; default: parts/buildout-node." },
  npms: { type: "words", description: "Packages for npm to install." },
  scripts: { type: "words", description: "Commands to write into bin/; default: all." },
  "node-path": { type: "words", description: "Further directories for NODE_PATH." },
  "relative-paths": { description: "`true`: the scripts can be moved with the buildout." },
} as const;

export type NodePart = Part<typeof OPTIONS>;
