import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;
let web: Server;
let base: string;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({
    "prod.cfg": "[buildout]\nparts =\n",
    "fix/Product/__init__.py": "patched = True\n",
  });
  const zip = (name: string, ...args: string[]) =>
    execFileSync(
      "python3",
      [
        "-c",
        `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for name in sys.argv[2:]: archive.writestr(name, open("fix/Product/__init__.py").read())`,
        name,
        ...args,
      ],
      { cwd: project.directory },
    );
  zip("fix.zip", "Product/__init__.py");
  zip("evil.zip", "../../evil.py");
  web = createServer(({ url = "" }, response) => {
    const file = join(project.directory, url);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server)}`,
  });
  expect((await project.buildout()).status).toBe(0);
});

afterAll(async () => {
  web.close();
  project.remove();
  await server.close();
});

test("hotfix unpacks an archive below the path, for the group only", async () => {
  const { status, stdout, stderr } = await project.hostout("host1", "hotfix", `${base}/fix.zip`);
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  const file = join(server.home, "app/products/Product/__init__.py");
  expect(stdout).toContain(`Hostout: Unpacked into ${join(server.home, "app/products")}`);
  expect(readFileSync(file, "utf8")).toBe("patched = True\n");
  expect(statSync(file).mode & 0o777).toBe(0o640);
  await project.hostout("host1", "hotfix", `${base}/fix.zip`, "src/fixes");
  expect(existsSync(join(server.home, "app/src/fixes/Product/__init__.py"))).toBe(true);
});

test.each([
  ["an archive that leads outside", () => [`${base}/evil.zip`], /evil\.zip/],
  ["no archive", () => [`${base}/buildout.cfg`], /buildout\.cfg/],
  ["a download that fails", () => [`${base}/none.zip`], /none\.zip.*404|404.*none\.zip/s],
  ["a folder outside", () => [`${base}/fix.zip`, "../x"], /'\.\.\/x' is not below the buildout/],
  ["no URL", () => [], /Usage: bin\/hostout HOST hotfix URL/],
])("%s is refused in one clear line", async (_, args, message) => {
  const { status, stderr } = await project.hostout("host1", "hotfix", ...args());
  expect(status).not.toBe(0);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain("    at ");
  expect(existsSync(join(server.home, "evil.py"))).toBe(false);
});
