// Makes a checkout ready to run: installs what package-lock.json names and builds
// dist/, each only when it is out of date. Needs nothing but Node and npm.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed, this is ${process.version}.`);
  process.exit(1);
}

const modified = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

function npm(...args) {
  execFileSync("npm", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

if (modified("node_modules/.package-lock.json") < modified("package-lock.json")) {
  console.log("Installing dependencies (npm ci) ...");
  npm("ci", "--no-audit", "--no-fund", "--loglevel=error");
}

function newest(folder) {
  let latest = modified(folder);
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : modified(path));
  }
  return latest;
}

const stamp = "dist/.built";
const sources = Math.max(newest("src"), newest("recipes"), modified("package.json"));
if (modified(stamp) < Math.max(sources, modified("node_modules/.package-lock.json"))) {
  console.log("Building dist/ ...");
  if (existsSync(join(root, "dist"))) rmSync(join(root, "dist"), { recursive: true });
  npm("run", "--silent", "build");
  writeFileSync(join(root, stamp), "");
}
