// Other versions of Node: `npm run test:node`. Runs the demo, which deploys twice, and a sample of the
// corpus on each. The oldest only runs the engine, as on a host. Node's own binaries come from npm and are
// kept in the user's cache directory. Warnings from Node are failures. Finally, two of them share a
// directory: the oldest has another kind of lock there, and Node 20 other names of sockets.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shareDirectory } from "./support/two-nodes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The oldest that the engine runs on, and the newest of each line in use. */
const ENGINE_ALONE = "18.19.0";
const VERSIONS = [ENGINE_ALONE, "20.19.0", "22", "24", "26"];

/** The path of a Node of this version, or of the newest one of this line. */
function nodeOf(version) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "hostout-test/node");
  const folder = join(cache, version);
  const node = join(folder, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(node)) return node;
  mkdirSync(cache, { recursive: true });
  const part = mkdtempSync(`${folder}.`);
  const words = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const wanted = `node-${process.platform}-${process.arch}@${version}`;
  execFileSync("npm", ["install", ...words, "--prefix", part, wanted], { stdio: "inherit" });
  try {
    renameSync(part, folder);
  } catch (error) {
    // Another run was quicker.
    rmSync(part, { recursive: true });
    if (!existsSync(node)) throw error;
  }
  return node;
}

const before = (node) => [dirname(node), process.env.PATH].join(delimiter);
const failures = [];

function check(name, program, args, env) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
  const warned = /^\(node:\d+\)|\w+Warning:/m.test(stdout + stderr);
  const ok = status === 0 && !warned;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? "passed" : "FAILED"}  ${name} (${seconds} s)`);
  if (ok) return;
  failures.push(name);
  console.log(`${stdout}${stderr}`.trimEnd());
}

for (const version of VERSIONS) {
  const node = nodeOf(version);
  const name = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const alone = version === ENGINE_ALONE;
  const demo = ["fixtures/demo.mjs"];
  if (alone) {
    const env = { HOSTOUT_DEMO_HOST_PATH: before(node) };
    check(`the demo, with Node ${name} on the host`, process.execPath, demo, env);
  } else {
    check(`the demo, with Node ${name}`, node, demo, { PATH: before(node) });
  }
  const program = join(root, alone ? "dist/engine.cjs" : "bin/buildout");
  const corpus = ["run", "--config=test/vitest.config.ts", "test/cli/corpus.test.ts"];
  check(
    `the sample of the corpus, with Node ${name}`,
    join(root, "node_modules/.bin/vitest"),
    corpus,
    { HOSTOUT_TEST_NODE: node, HOSTOUT_TEST_PROGRAM: program, HOSTOUT_TEST_EACH: "2" },
  );
}
const older = [nodeOf(ENGINE_ALONE), join(root, "dist/engine.cjs")];
const [newer, newest] = [VERSIONS[1], VERSIONS.at(-1)].map((version) => [
  nodeOf(version),
  join(root, "bin/buildout"),
]);
for (const first of [older, newer, newest]) {
  for (const second of [older, newer, newest]) {
    if (first === second) continue;
    const names = [first, second].map(([node]) =>
      execFileSync(node, ["--version"]).toString().trim(),
    );
    const name = `one buildout at a time, with Node ${names.join(" and ")}`;
    try {
      await shareDirectory(first, second);
      console.log(`passed  ${name}`);
    } catch (error) {
      console.log(`FAILED  ${name}\n${error.stack}`);
      failures.push(name);
    }
  }
}
if (failures.length > 0) process.exitCode = 1;
