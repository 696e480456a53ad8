// Prepares a checkout for running: installs the packages in package-lock.json and builds dist/, each only
// if it is outdated. Needs only Node and npm.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { isBuilt, root } from "../build/inputs.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed, this is ${process.version}.`);
  process.exit(1);
}

const modified = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const visibly = { cwd: root, stdio: ["ignore", "inherit", "inherit"] };

if (modified("node_modules/.package-lock.json") < modified("package-lock.json")) {
  console.log("Installing dependencies (npm ci) ...");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], visibly);
}

if (!isBuilt()) {
  console.log("Building dist/ ...");
  execFileSync(process.execPath, ["build.mjs"], visibly);
}
