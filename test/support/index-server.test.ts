import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { indexMissing, type PackageIndex, startPackageIndex } from "./index-server.ts";

const run = promisify(execFile);
const TIMEOUT = 120_000;

describe.skipIf(indexMissing)("the package index of the tests", () => {
  let index: PackageIndex;
  let folder: string;
  beforeAll(async () => {
    index = await startPackageIndex();
    folder = await mkdtemp(path.join(tmpdir(), "hostout-index-test-"));
  }, TIMEOUT);
  afterAll(async () => {
    await index.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function pip(...args: string[]): Promise<string> {
    const own = { PIP_CONFIG_FILE: "/dev/null", PIP_NO_CACHE_DIR: "1", PIP_NO_INPUT: "1" };
    const pip = ["-m", "pip", "--disable-pip-version-check", ...args];
    return (await run("python3", pip, { env: { ...process.env, ...own } })).stdout;
  }

  test.each([["pip's own way", []] as const, ["a folder of links", ["--no-index"]] as const])(
    "pip installs from it by %s what a wsgi server needs, and it runs",
    async (way, args) => {
      const target = path.join(folder, way.replaceAll(" ", "-"));
      const source = args.length > 0 ? ["--find-links", index.folder] : ["--index-url", index.url];
      await pip("install", "-q", ...args, ...source, "-t", target, "PasteScript", "WebOb");
      const installed = (await readdir(target)).filter((name) => name.endsWith(".dist-info"));
      const names = installed.map((name) => name.replace(/-.*$/, "")).sort();
      expect(names).toEqual(
        ["Paste", "PasteDeploy", "PasteScript", "Tempita", "WebOb", "setuptools", "six"].sort(),
      );
      const code = `import site; site.addsitedir(${JSON.stringify(target)})
import paste.script.command, paste.deploy, paste.httpserver, webob; print("there")`;
      expect((await run("python3", ["-S", "-c", code])).stdout).toContain("there");
    },
    TIMEOUT,
  );

  test("the HTML of PEP 503 and the JSON of PEP 691 offer the same files", async () => {
    const html = await (await fetch(`${index.url}zope-interface/`)).text();
    const accept = { Accept: "application/vnd.pypi.simple.v1+json" };
    const json = await fetch(`${index.url}zope.Interface/`, { headers: accept });
    const { files } = (await json.json()) as {
      files: { filename: string; url: string; hashes: { sha256: string } }[];
    };
    expect(files).toHaveLength(1);
    expect(files[0]!.filename).toMatch(/^zope\.interface-[\d.]+-cp\d+-cp\d+-linux_\w+\.whl$/);
    expect(html).toContain(`${files[0]!.url}#sha256=${files[0]!.hashes.sha256}`);
    const metadata = await fetch(new URL(`${files[0]!.url}.metadata`, index.url));
    expect(await metadata.text()).toMatch(/^Requires-Dist: setuptools$/m);
  });

  test("a project that it does not have is not found", async () => {
    expect((await fetch(`${index.url}nothing/`)).status).toBe(404);
  });

  test("it can require a name and password, and serve only what a test needs", async () => {
    const login = { user: "me", password: "secret" };
    const closed = await startPackageIndex({ only: ["SIX"], login });
    try {
      expect((await fetch(closed.url)).status).toBe(401);
      const headers = { Authorization: `Basic ${btoa("me:secret")}` };
      expect(await (await fetch(closed.url, { headers })).text()).toMatch(/>six</);
      const wheels = (await readdir(closed.folder)).filter((name) => name.endsWith(".whl"));
      expect(wheels).toEqual([expect.stringMatching(/^six-/)]);
    } finally {
      await closed.close();
    }
  });

  test(
    "C extensions load, and every wheel passes pip's check",
    async () => {
      const target = path.join(folder, "venv");
      await run("/usr/bin/python3", ["-m", "venv", "--without-pip", target]);
      const python = path.join(target, "bin/python");
      const wheels = (await readdir(index.folder)).filter((name) => name.endsWith(".whl"));
      const files = wheels.map((name) => path.join(index.folder, name));
      await pip("--python", python, "install", "-q", "--no-index", ...files);
      expect(await pip("--python", python, "check")).toContain("No broken requirements");
      const code =
        "import zope.interface._zope_interface_coptimizations, genshi._speedups, markupsafe";
      await run(python, ["-c", code]);
      await run(path.join(target, "bin/supervisord"), ["--version"]);
    },
    TIMEOUT,
  );
});
