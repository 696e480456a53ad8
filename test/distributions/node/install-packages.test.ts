import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
} from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  installNodePackages,
  type NodeInstallRequest,
} from "../../../src/distributions/node/install-packages.ts";
import { nodeDistributions } from "../../../src/distributions/node/lockfile.ts";
import { releaseNodePackage } from "../../../src/distributions/release/node-release.ts";
import { versionsOf } from "../../../src/distributions/versions.ts";
import { developed } from "../../support/packages.ts";
import { timeOf } from "../../support/peer.ts";
import { scratch, writeFiles as write } from "../../support/scratch.ts";

function request(folder: string, change: Partial<NodeInstallRequest> = {}): NodeInstallRequest {
  return {
    folder,
    packages: [],
    developPackages: [],
    versions: new Map(),
    links: [],
    directory: folder,
    offline: false,
    allowPicked: true,
    node: process.execPath,
    ...change,
  };
}

const versionOf = (folder: string, name: string): string =>
  JSON.parse(readFileSync(path.join(folder, "node_modules", name, "package.json"), "utf8")).version;

/** Runs a line of JavaScript with a part's packages in reach, the way the scripts do. */
const evaluate = (folder: string, code: string) =>
  execaSync(process.execPath, ["--preserve-symlinks", "--input-type=module", "-e", code], {
    cwd: folder,
  }).stdout;

/** `hello` needs `greeting`, which says "hi". */
function twoPackages(greetingVersion = "0.1.0") {
  const root = write(scratch(), {
    "hello/package.json": {
      name: "hello",
      version: "1.0.0",
      type: "module",
      dependencies: { greeting: "^0.1.0", "escape-html": "^1.0.0" },
    },
    "hello/index.js":
      'import escape from "escape-html"; import g from "greeting"; export default escape(g());',
    "greeting/package.json": { name: "greeting", version: greetingVersion },
    "greeting/index.js": 'module.exports = () => "<hi>";',
  });
  const hello = developed(path.join(root, "hello"), "hello");
  const greeting = developed(path.join(root, "greeting"), "greeting", greetingVersion);
  return { root, hello, greeting };
}

const SAY = 'import hello from "hello"; console.log(hello)';

describe("packages from the registry", () => {
  test("are installed with their dependencies, and not again", async () => {
    const folder = scratch();
    const wanted = request(folder, { packages: ["debug==2.6.9"] });
    expect(await installNodePackages(wanted)).toEqual({ changed: true, names: ["debug"] });
    expect(versionsOf(await nodeDistributions(folder))).toEqual(
      new Map([
        ["debug", "2.6.9"],
        ["ms", "2.0.0"],
      ]),
    );
    expect(await nodeDistributions(folder)).toContainEqual({
      kind: "node",
      name: "ms",
      version: "2.0.0",
      requiredBy: ["debug 2.6.9"],
    });
    const start = performance.now();
    expect(await installNodePackages(wanted)).toEqual({ changed: false, names: ["debug"] });
    expect(performance.now() - start).toBeLessThan(timeOf("npm", "--version"));
    expect(readdirSync(folder)).toEqual(["node_modules"]);
  });

  test("follow a pin, whether they are named or required", async () => {
    const folder = scratch();
    const versions = new Map([
      ["debug", "4.3.1"],
      ["ms", "2.1.2"],
      ["Paste", "3.5.0"],
      ["zc.buildout", ">=5.2"],
    ]);
    await installNodePackages(request(folder, { packages: ["debug"], versions }));
    expect(versionOf(folder, "debug")).toBe("4.3.1");
    expect(versionOf(folder, "ms")).toBe("2.1.2");
    versions.set("other", "1.0.0");
    const same = request(folder, { packages: ["debug"], versions });
    expect((await installNodePackages(same)).changed).toBe(false); // concerns nothing here
    versions.set("debug", "4.3.2");
    const again = request(folder, { packages: ["debug"], versions });
    expect((await installNodePackages(again)).changed).toBe(true);
    expect(versionOf(folder, "debug")).toBe("4.3.2");
  });

  test("of one name in two versions are pinned so that the tree stays the same", async () => {
    const folder = scratch();
    const packages = ["debug@2.6.9", "ms@2.1.2"];
    await installNodePackages(request(folder, { packages }));
    const versions = versionsOf(await nodeDistributions(folder));
    expect(versions).toEqual(
      new Map([
        ["debug", "2.6.9"],
        ["ms", "2.1.2"],
        ["ms@2.0.0", "2.0.0"],
      ]),
    );
    const other = scratch();
    const pinned = request(other, { packages: ["debug", "ms"], versions, allowPicked: false });
    await installNodePackages(pinned);
    expect(versionsOf(await nodeDistributions(other))).toEqual(versions);
    expect(versionOf(other, "ms")).toBe("2.1.2");
    expect(versionOf(other, "debug/node_modules/ms")).toBe("2.0.0");
  });

  test("take the highest of several pinned versions that a requirement admits", async () => {
    const { root } = twoPackages();
    write(root, {
      "greeting/package.json": {
        name: "greeting",
        version: "0.1.0",
        dependencies: { debug: "2.6.9", ms: "^2.0.0" },
      },
    });
    const folder = scratch();
    const versions = new Map([
      ["ms", "2.1.2"],
      ["ms@2.0.0", "2.0.0"],
    ]);
    const greeting = developed(path.join(root, "greeting"), "greeting", "0.1.0");
    await installNodePackages(
      request(folder, { packages: ["greeting"], developPackages: [greeting], versions }),
    );
    expect([...versionsOf(await nodeDistributions(folder))]).toContainEqual(["ms", "2.1.2"]);
    expect(versionOf(folder, "debug/node_modules/ms")).toBe("2.0.0");
  });

  test("that conflict with a pin are an error that names both sides", async () => {
    const folder = scratch();
    const versions = new Map([["ms", "2.1.2"]]);
    const install = (packages: string[]) =>
      installNodePackages(request(folder, { packages, versions }));
    await expect(install(["debug==2.6.9"])).rejects.toMatchObject({
      code: "version-conflict",
      message: "debug 2.6.9 requires 'ms@2.0.0', but [versions] pins ms 2.1.2.",
    });
    await expect(install(["ms>=2.1.3"])).rejects.toMatchObject({
      code: "version-conflict",
      message: "the part requires 'ms@>=2.1.3', but [versions] pins ms 2.1.2.",
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("without a pin are refused if picked versions are not allowed", async () => {
    const versions = new Map([["debug", "2.6.9"]]);
    await expect(
      installNodePackages(
        request(scratch(), { packages: ["debug"], versions, allowPicked: false }),
      ),
    ).rejects.toMatchObject({
      code: "unpinned-version",
      message: expect.stringContaining("ms = 2.0.0, required by debug 2.6.9"),
    });
  });
});

describe("develop packages", () => {
  test("are links to their source, with the dependencies of all of them installed", async () => {
    const { hello, greeting } = twoPackages();
    const folder = scratch();
    const wanted = request(folder, { packages: ["hello"], developPackages: [hello, greeting] });
    await installNodePackages(wanted);
    expect(evaluate(folder, SAY)).toBe("&lt;hi&gt;");
    expect(realpathSync(path.join(folder, "node_modules/hello"))).toBe(hello.folder);
    expect([...versionsOf(await nodeDistributions(folder))]).toEqual([
      ["escape-html", "1.0.3"],
      ["greeting", "0.1.0"],
      ["hello", "1.0.0"],
    ]);
    write(greeting.folder, { "index.js": 'module.exports = () => "edited";' });
    expect(evaluate(folder, SAY)).toBe("edited");
    expect((await installNodePackages(wanted)).changed).toBe(false);
  });

  test("are followed when their dependencies change, and only then", async () => {
    const { hello, greeting } = twoPackages();
    const folder = scratch();
    const wanted = request(folder, { packages: ["hello"], developPackages: [hello, greeting] });
    await installNodePackages(wanted);
    const manifest = { name: "greeting", version: "0.1.0", description: "new" };
    write(greeting.folder, { "package.json": manifest });
    expect((await installNodePackages(wanted)).changed).toBe(false);
    write(greeting.folder, { "package.json": { ...manifest, dependencies: { ms: "2.1.2" } } });
    expect((await installNodePackages(wanted)).changed).toBe(true);
    expect(versionOf(folder, "ms")).toBe("2.1.2");
  });

  test("that need another version than their neighbor each see their own", async () => {
    const code = 'module.exports = require("ms/package.json").version;';
    const root = scratch();
    for (const [name, ms] of [
      ["a", "2.0.0"],
      ["b", "2.1.2"],
    ] as const) {
      const manifest = { name: `dev-${name}`, version: "1.0.0", dependencies: { ms } };
      write(root, { [`${name}/package.json`]: manifest, [`${name}/index.js`]: code });
    }
    const folder = scratch();
    const developPackages = ["a", "b"].map((n) => developed(path.join(root, n), `dev-${n}`));
    const wanted = request(folder, { packages: ["dev-a", "dev-b"], developPackages });
    await installNodePackages(wanted);
    const print = 'import a from "dev-a"; import b from "dev-b"; console.log(a, b)';
    expect(evaluate(folder, print)).toBe("2.0.0 2.1.2");
    expect((await installNodePackages(wanted)).changed).toBe(false);
    write(root, { "a/new.js": "", "b/new.js": "" });
    await installNodePackages(wanted);
    for (const name of ["dev-a", "dev-b"]) {
      expect(existsSync(path.join(folder, "node_modules", name, "new.js"))).toBe(true);
    }
  });

  test("that do not fit each other are an error that names both", async () => {
    const { hello, greeting } = twoPackages("0.2.0");
    const developPackages = [hello, greeting];
    await expect(
      installNodePackages(request(scratch(), { packages: ["hello"], developPackages })),
    ).rejects.toMatchObject({
      code: "version-conflict",
      message: `hello 1.0.0 requires 'greeting@^0.1.0', but ${greeting.folder} is greeting 0.2.0.`,
    });
  });
});

describe("released packages", () => {
  async function released() {
    const { hello, greeting } = twoPackages();
    const dist = path.join(scratch(), "50% off #1 é"); // means something in a URL
    const releases = [
      await releaseNodePackage(hello, dist),
      await releaseNodePackage(greeting, dist),
    ];
    const versions = new Map(releases.map(({ name, version }) => [name, version]));
    return { dist, versions, releases };
  }

  test("are installed from the pinned archives, with their requirements among each other", async () => {
    const { dist, versions } = await released();
    const folder = scratch();
    const wanted = request(folder, { packages: ["hello"], versions, links: [dist] });
    await installNodePackages(wanted);
    expect(evaluate(folder, SAY)).toBe("&lt;hi&gt;");
    expect(versionOf(folder, "hello")).toBe(versions.get("hello"));
    expect(versionOf(folder, "greeting")).toBe(versions.get("greeting"));
    expect(lstatSync(path.join(folder, "node_modules/hello")).isSymbolicLink()).toBe(false);
    expect(versionsOf(await nodeDistributions(folder)).get("greeting")).toBe(
      versions.get("greeting"),
    );
    expect((await installNodePackages(wanted)).changed).toBe(false);
  });

  test("that were not uploaded are named", async () => {
    const { dist, versions, releases } = await released();
    renameSync(releases[1]!.file, `${releases[1]!.file}.away`);
    await expect(
      installNodePackages(request(scratch(), { packages: ["hello"], versions, links: [dist] })),
    ).rejects.toMatchObject({
      code: "release-missing",
      message: expect.stringContaining(`greeting ${versions.get("greeting")}`),
    });
  });

  test("that are damaged are named", async () => {
    const { dist, versions, releases } = await released();
    write(dist, {
      [path.basename(releases[0]!.file)]: readFileSync(releases[0]!.file).toString("latin1"),
    });
    await expect(
      installNodePackages(request(scratch(), { packages: ["hello"], versions, links: [dist] })),
    ).rejects.toMatchObject({
      code: "invalid-archive",
      message: expect.stringContaining(releases[0]!.file),
    });
  });
});

describe("when it fails, the previous installation stays:", () => {
  async function installed() {
    const folder = scratch();
    await installNodePackages(request(folder, { packages: ["ms@2.0.0"] }));
    return folder;
  }

  test("a package that does not exist, reported with what requires it and the nearest name", async () => {
    const folder = await installed();
    const { root, hello, greeting } = twoPackages();
    const dependencies = { "greeting-hostout-no-such": "1" };
    write(root, { "hello/package.json": { name: "hello", version: "1.0.0", dependencies } });
    const wanted = request(folder, {
      packages: ["ms@2.0.0", "hello"],
      developPackages: [hello, greeting],
    });
    await expect(installNodePackages(wanted)).rejects.toMatchObject({
      code: "package-not-found",
      message: expect.stringMatching(/'greeting-hostout-no-such', required by hello 1\.0\.0/),
    });
    const missing = request(folder, { packages: ["greetting"], developPackages: [greeting] });
    await expect(
      installNodePackages({ ...missing, packages: ["greeting-x-"] }),
    ).rejects.toMatchObject({ hint: "Did you mean 'greeting'?" });
    expect(versionOf(folder, "ms")).toBe("2.0.0");
    expect(readdirSync(folder)).toEqual(["node_modules"]);
  });

  test("a version that does not exist, with those that do", async () => {
    const folder = await installed();
    await expect(
      installNodePackages(request(folder, { packages: ["escape-html@99.0.0"] })),
    ).rejects.toMatchObject({
      code: "version-not-found",
      message: "Couldn't find a version of 'escape-html' that matches '99.0.0'.",
      hint: expect.stringMatching(/^Available: 1\.0\.3/),
    });
    expect(versionOf(folder, "ms")).toBe("2.0.0");
  });

  test("an install script that fails in the middle, with its output", async () => {
    const folder = await installed();
    const broken = write(scratch(), {
      "package.json": {
        name: "broken",
        version: "1.0.0",
        scripts: { install: "echo no compiler 42; exit 1" },
      },
    });
    const dist = scratch();
    const { version } = await releaseNodePackage(developed(broken, "broken"), dist);
    const versions = new Map([["broken", version]]);
    await expect(
      installNodePackages(request(folder, { packages: ["broken"], versions, links: [dist] })),
    ).rejects.toMatchObject({
      code: "npm-failed",
      message: expect.stringContaining("'broken'"),
      output: expect.stringContaining("no compiler 42"),
    });
    expect(versionOf(folder, "ms")).toBe("2.0.0");
  });

  test("offline, with a package that was never fetched", async () => {
    const folder = await installed();
    vi.stubEnv("npm_config_cache", scratch());
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(
      installNodePackages(request(folder, { packages: ["escape-html"], offline: true })),
    ).rejects.toMatchObject({ code: "offline", message: expect.stringContaining("'escape-html'") });
    expect(versionOf(folder, "ms")).toBe("2.0.0");
  });

  test("a registry that cannot be reached", async () => {
    const folder = await installed();
    const settings = `cache=${scratch()}\nregistry=http://127.0.0.1:9/\nfetch-retries=0\n`;
    const directory = write(scratch(), { ".npmrc": settings });
    await expect(
      installNodePackages(request(folder, { packages: ["escape-html"], directory })),
    ).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
    expect(versionOf(folder, "ms")).toBe("2.0.0");
  });

  test("no npm, reported with the line that installs it", async () => {
    const folder = await installed();
    vi.stubEnv("PATH", scratch());
    onTestFinished(() => void vi.unstubAllEnvs());
    const node = path.join(write(scratch(), { node: "" }), "node");
    await expect(
      installNodePackages(request(folder, { packages: ["ms"], node })),
    ).rejects.toMatchObject({ code: "npm-missing", hint: expect.stringContaining("npm") });
    expect(versionOf(folder, "ms")).toBe("2.0.0");
  });
});

test("a run that was killed while npm worked leaves the former installation", async () => {
  const folder = scratch();
  await installNodePackages(request(folder, { packages: ["ms@2.0.0"] }));
  const slow = write(scratch(), {
    "package.json": {
      name: "slow",
      version: "1.0.0",
      scripts: { install: 'echo $$ > "$INIT_PID"; exec sleep 60' },
    },
  });
  const dist = scratch();
  const { version } = await releaseNodePackage(developed(slow, "slow"), dist);
  const wanted = request(folder, {
    packages: ["slow"],
    versions: new Map([["slow", version]]),
    links: [dist],
  });
  const code = `import { installNodePackages } from "./src/distributions/node/install-packages.ts";
    await installNodePackages({ ...${JSON.stringify(wanted)}, versions: new Map([["slow", "${version}"]]) });`;
  const script = path.join(
    write(scratch(), { "run.ts": code.replace("./src", path.resolve("src")) }),
    "run.ts",
  );
  const started = path.join(scratch(), "pid");
  const child = spawn(path.resolve("node_modules/.bin/jiti"), [script], {
    env: { ...process.env, INIT_PID: started },
    stdio: "ignore",
    detached: true,
  });
  await vi.waitUntil(() => existsSync(started) && readFileSync(started, "utf8") !== "", 120_000);
  child.kill("SIGKILL");
  expect(versionOf(folder, "ms")).toBe("2.0.0");
  const again = request(folder, { packages: ["ms@2.1.2"] });
  expect((await installNodePackages(again)).changed).toBe(true); // npm still runs for the killed one
  process.kill(-child.pid!, "SIGKILL");
  expect(versionOf(folder, "ms")).toBe("2.1.2");
  expect(readdirSync(folder)).toEqual(["node_modules"]);
});

test("a run that was killed between the two renames is repaired by the next one", async () => {
  const folder = scratch();
  const wanted = request(folder, { packages: ["ms@2.0.0"] });
  await installNodePackages(wanted);
  mkdirSync(path.join(folder, ".installing-x/node_modules"), { recursive: true });
  renameSync(path.join(folder, "node_modules"), path.join(folder, ".installing-x/former"));
  expect((await installNodePackages(wanted)).changed).toBe(false);
  expect(versionOf(folder, "ms")).toBe("2.0.0");
  expect(readdirSync(folder)).toEqual(["node_modules"]);
});
