import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recording, steady } from "../../docs/terminal/recording.ts";
import { TestProject } from "../support/deploy-project.ts";
import { freePort, isRoot, processesWith, servers, type TestServer } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The host's user installs from the same registry as this one; a failure comes at once. */
function npmSettings({ home, user, name }: TestServer): void {
  const own = join(homedir(), ".npmrc");
  const lines = [existsSync(own) ? readFileSync(own, "utf8") : "", "fetch-retries=0"];
  const files = [join(home, ".npmrc")];
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  if (authorities !== undefined) {
    files.push(join(home, "authorities.pem"));
    copyFileSync(authorities, files[1]!);
    lines.push(`cafile=${files[1]}`);
  }
  writeFileSync(files[0]!, `${lines.join("\n")}\n`, { mode: 0o600 });
  if (isRoot && name === "sshd") execFileSync("chown", [user, ...files]);
}

describe("npm run demo", () => {
  const scratchFolders = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith("hostout-demo-"));

  test("deploys, sends only the changed package, rolls back, and leaves nothing behind", async () => {
    const before = scratchFolders();
    const output = execFileSync(process.execPath, [join(root, "fixtures/demo.mjs")], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(output).toContain(
      "[versions]\nhello = 0.1.0\n\n# Required by:\n# hello==0.1.0\nescape-html = 1.0.3\n\n# Required by:\n# hello==0.1.0\ngreeting = 0.1.0\n",
    );
    const [, first, plan, second, third] = output.split("$ bin/hostout host1 deploy");
    expect(first).toMatch(
      /Eggs to transport:\n\thello = 0\.1\.0\+h\w{12}\n\tgreeting = 0\.1\.0\+h\w{12}\n/,
    );
    expect(first).toContain("<p>Powered by hostout!</p>");
    expect(second).toMatch(/Eggs to transport:\n\tgreeting = 0\.1\.0\+h\w{12}\nHostout:/);
    expect(second).toContain("<p>Powered by hostout, deployed twice!</p>");
    expect(plan).toMatch(/^ --plan\n/);
    expect(plan).toMatch(/Packages +~ greeting 0\.1\.0\+h\w+ -> 0\.1\.0\+h\w+/);
    const [mistake, back] = third!.split("$ bin/hostout host1 rollback --reason misspelled");
    expect(mistake).toContain("depolyed");
    expect(back).toContain("<p>Powered by hostout, deployed twice!</p>");
    expect(back).toMatch(/ 3 .* bad: misspelled$/m);
    expect(output).toContain("Try next:");
    // The picture of a terminal in the documents: `npm run docs:record` updates it.
    const recorded = readFileSync(join(root, "docs/images/terminal.txt"), "utf8");
    expect(steady(recording(output))).toBe(steady(recorded));
    const port = /curl http:\/\/127\.0\.0\.1:(\d+)\//.exec(output)![1];
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    expect(scratchFolders()).toEqual(before);
  });

  test("Ctrl-C in the middle leaves nothing either", async () => {
    const before = scratchFolders();
    const child = spawn(process.execPath, [join(root, "fixtures/demo.mjs")], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.includes("Running command 'uploadbuildout'")) resolve();
      });
    });
    const scratch = /known-hosts = (\S+)\/known_hosts/.exec(output)![1]!;
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(await processesWith(scratch)).toEqual([]);
    expect(scratchFolders()).toEqual(before);
  });
});

describe.each(servers.map((server) => [server.name, server] as const))("on %s", (_name, kind) => {
  describe.skipIf(kind.missing !== undefined)(`the application ${kind.missing ?? ""}`, () => {
    let server: TestServer;
    let project: TestProject;
    let port: number;

    beforeAll(async () => {
      server = await kind.start();
      npmSettings(server);
      port = await freePort();
      project = new TestProject({});
      cpSync(join(root, "fixtures/hello"), project.directory, { recursive: true });
      const read = (name: string) => readFileSync(join(project.directory, name), "utf8");
      const host = project.hostLines(server, {
        include: "server.sh.in",
        "post-commands": "bin/server restart",
      });
      project.write({
        "prod.cfg": read("prod.cfg").replace("port = 8090", `port = ${port}`),
        "buildout.cfg": `[buildout]\nextends = base.cfg\nparts += host1\n[host1]\n${host}`,
      });
      const built = await project.buildout();
      expect(built.stderr).toBe("");
    });

    afterAll(async () => {
      if (project !== undefined) {
        await project.hostout("host1", "run", "bin/server", "stop");
        project.remove();
      }
      await server?.close();
    });

    const page = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();

    test("answers after the first deployment, with the versions of the development buildout", async () => {
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(0);
      expect(await page()).toContain("<p>Powered by hostout!</p>");
      const installed = join(server.home, "app/parts/demo/node_modules/escape-html/package.json");
      const { version } = JSON.parse(readFileSync(installed, "utf8"));
      const pins = readFileSync(join(project.directory, "hostoutversions.cfg"), "utf8");
      expect(pins).toContain(`escape-html = ${version}\n`);
    });

    test("a release that cannot be installed does not affect the running one", async () => {
      const manifest = join(project.directory, "src/greeting/package.json");
      const good = readFileSync(manifest, "utf8");
      writeFileSync(
        manifest,
        good.replace(
          '"version"',
          '"dependencies": {"hostout-no-such-package-x": "1.0.0"}, "version"',
        ),
      );
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(1);
      expect(outcome.stdout).toContain("hostout-no-such-package-x");
      writeFileSync(manifest, good);
      expect(await page()).toContain("<p>Powered by hostout!</p>");
      const restarted = await project.hostout("host1", "run", "bin/server", "restart");
      expect(restarted.status).toBe(0);
      expect(await page()).toContain("<p>Powered by hostout!</p>");
    });

    test("a lost archive on the host is sent again", async () => {
      rmSync(join(server.home, "buildout-cache", server.user, "downloads/dist"), {
        recursive: true,
      });
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(0);
      expect(outcome.stdout).toMatch(/Eggs to transport:\n\thello/);
      expect(await page()).toContain("<p>Powered by hostout!</p>");
    });
  });
});
