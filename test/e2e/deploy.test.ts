import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { PAGE_FILES } from "../support/page-files.ts";
import { servers, type TestServer } from "../support/servers.ts";

const files = {
  ...PAGE_FILES,
  "prod.cfg": "[buildout]\nextends = base.cfg\n[page]\ngreeting = production\n",
  "templates/logo.svg": "<svg/>\n",
};

describe.each(servers.map((server) => [server.name, server] as const))("on %s", (_name, kind) => {
  describe.skipIf(kind.missing !== undefined)(`deploying ${kind.missing ?? ""}`, () => {
    let server: TestServer;
    let project: TestProject;
    let app: string;

    beforeAll(async () => {
      server = await kind.start();
      app = join(server.home, "app");
      project = new TestProject(files);
      project.writeHost(server, {
        include: "templates",
        "post-commands": "echo restarted >> var/log",
      });
      const built = await project.buildout();
      expect(built.stderr).toBe("");
      expect(built.status).toBe(0);
    });

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    test("the recipe writes bin/hostout, the private hostout.cfg and the versions", () => {
      const read = (name: string) => readFileSync(join(project.directory, name), "utf8");
      expect(statSync(join(project.directory, "bin/hostout")).mode & 0o111).not.toBe(0);
      expect(statSync(join(project.directory, "parts/hostout/hostout.cfg")).mode & 0o777).toBe(
        0o600,
      );
      expect(read("parts/hostout/hostout.cfg")).toContain("[host1]\n");
      expect(read("hostoutversions.cfg")).toBe("[versions]\n");
    });

    test("the first deployment bootstraps the host and builds there", async () => {
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.stderr).toMatch(/^Added the ssh-ed25519 key of .*\n$/);
      expect(outcome.status).toBe(0);
      const lines = outcome.stdout.split("\n");
      const expected = [
        "Hostout: Running command 'deploy' from 'collective.hostout'",
        `Logging into the following hosts as ${server.user}:`,
        "Hostout: Running command 'predeploy' from 'collective.hostout'",
        "Hostout: Running command 'bootstrap' from 'collective.hostout'",
        "Hostout: Running command 'bootstrap_buildout' from 'collective.hostout'",
        "Hostout: Running command 'uploadeggs' from 'collective.hostout'",
        "Hostout: Preparing eggs for transport",
        "Hostout: Running command 'uploadbuildout' from 'collective.hostout'",
        "Hostout: Running command 'buildout' from 'collective.hostout'",
        "[127.0.0.1] out: Installing page.",
        "Hostout: Running command 'postdeploy' from 'collective.hostout'",
        `[127.0.0.1] run: sh -c "cd ${app} && echo restarted >> var/log"`,
      ];
      expect(lines.filter((line) => expected.includes(line))).toEqual(expected);
      expect(lines.at(-2)).toMatch(
        /^Done: host1 is at release 1 \(\w{7}\), \d+ s, (?:[\d.]+ MB|\d{3} kB)\.$/,
      );
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe("<p>production</p>\n");
      expect(readFileSync(join(app, "var/log"), "utf8")).toBe("restarted\n");
    });

    test("the same again changes nothing and needs at most two round trips", async () => {
      const outcome = await project.hostout("--json", "host1", "deploy");
      expect(outcome.status).toBe(0);
      const events = outcome.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(events.filter(({ type }) => type === "transfer")).toEqual([]);
      expect(events.filter(({ type }) => type === "output")).toEqual([]);
      const [closed] = events.filter(({ type }) => type === "closed");
      expect(closed.roundTrips).toBeLessThanOrEqual(2);
    });

    test("a file that only its owner may read stays private, also when only its mode changes", async () => {
      const mode = (file: string) => statSync(join(app, file)).mode & 0o777;
      const secret = join(project.directory, "templates/secret");
      project.write({ "templates/secret": "open" });
      chmodSync(secret, 0o644);
      expect((await project.hostout("host1", "deploy")).status).toBe(0);
      expect(mode("templates/secret") & 0o040).toBe(0o040);
      chmodSync(secret, 0o600);
      expect((await project.hostout("host1", "deploy")).status).toBe(0);
      expect(mode("templates/secret")).toBe(0o600);
      rmSync(secret);
      expect((await project.hostout("host1", "deploy")).status).toBe(0);
      expect(existsSync(join(app, "templates/secret"))).toBe(false);
    });

    test("only changes are sent, and deleted files are removed", async () => {
      const before = statSync(join(app, "base.cfg")).ino;
      project.write({ "templates/page.in": "<p>new ${greeting}</p>\n" });
      rmSync(join(project.directory, "templates/logo.svg"));
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(0);
      // The template and HOST-RELEASE.cfg of the new release; its old one goes with the logo.
      expect(outcome.stdout).toMatch(/Release \w+: 2 of 5 files new or changed, 2 removed/);
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe(
        "<p>new production</p>\n",
      );
      expect(existsSync(join(app, "templates/logo.svg"))).toBe(false);
      expect(statSync(join(app, "base.cfg")).ino).toBe(before);
    });

    test("a failed remote buildout shows its output and puts the release before it back", async () => {
      const current = readFileSync(join(app, ".hostout/current"), "utf8");
      const good = readFileSync(join(project.directory, "base.cfg"), "utf8");
      project.write({
        "base.cfg": good.replace("templates/page.in", "templates/nowhere.in"),
        "templates/page.in": "<p>never ${greeting}</p>\n",
      });
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(1);
      expect(outcome.stdout).toMatch(/\[127\.0\.0\.1\] err: .*nowhere\.in/);
      expect(outcome.stdout).not.toContain("postdeploy");
      expect(outcome.stderr).toContain("The buildout on 127.0.0.1 failed with status 1.");
      expect(outcome.stderr).toMatch(/release \d+ \(\w{12}\) are back in place/);
      expect(readFileSync(join(app, ".hostout/current"), "utf8")).toBe(current);
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe(
        "<p>new production</p>\n",
      );
      expect(readFileSync(join(app, "templates/page.in"), "utf8")).toBe("<p>new ${greeting}</p>\n");
      project.write({ "base.cfg": good, "templates/page.in": "<p>fixed ${greeting}</p>\n" });
      expect((await project.hostout("host1", "deploy")).status).toBe(0);
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe(
        "<p>fixed production</p>\n",
      );
    });

    test("a deployment that was cut off is undone by the next", async () => {
      project.write({ "templates/page.in": "<p>again ${greeting}</p>\n" });
      expect((await project.hostout("host1", "uploadeggs", "uploadbuildout")).status).toBe(0);
      expect(existsSync(join(app, ".hostout/previous"))).toBe(true);
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.stderr).toBe("");
      expect(outcome.stdout).toContain("An earlier deployment was interrupted");
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe(
        "<p>again production</p>\n",
      );
      expect(existsSync(join(app, ".hostout/previous"))).toBe(false);
    });

    test("run works in the buildout's directory and passes the status on", async () => {
      const good = await project.hostout("host1", "run", "pwd;", "echo", "007");
      expect(good.stdout).toBe(
        [
          "Hostout: Running command 'run' from 'collective.hostout'",
          `Logging into the following hosts as ${server.user}:`,
          "    127.0.0.1",
          `[127.0.0.1] run: sh -c "cd ${app} && pwd; echo 007"`,
          `[127.0.0.1] out: ${app}`,
          "[127.0.0.1] out: 007",
          "Done.",
          "",
        ].join("\n"),
      );
      const bad = await project.hostout("host1", "run", "exit 3");
      expect(bad.status).toBe(3);
      expect(bad.stderr).toContain("'exit 3' ended with status 3.");
    });

    test("'all' takes one host after the other, each with its own path", async () => {
      const cfg = readFileSync(join(project.directory, "buildout.cfg"), "utf8");
      const second = `[host2]\nrecipe = hostout\nextends = host1\npath = ${server.home}/second\n`;
      project.write({ "buildout.cfg": `${cfg.replace("host1", "host1 host2")}${second}` });
      expect((await project.buildout()).status).toBe(0);
      const outcome = await project.hostout("all", "deploy", "run", "pwd");
      expect(outcome.status).toBe(0);
      const folders = outcome.stdout.match(/out: \/.*$/gm);
      expect(folders).toEqual([`out: ${app}`, `out: ${server.home}/second`]);
      const built = readFileSync(join(server.home, "second/parts/page/index.html"), "utf8");
      expect(built).toBe("<p>again production</p>\n");
      project.write({ "buildout.cfg": cfg });
      expect((await project.buildout()).status).toBe(0);
    });

    test("put and get move files and directories, relative to the path", async () => {
      const local = join(project.scratch, "some folder");
      mkdirSync(join(local, "deep"), { recursive: true });
      writeFileSync(join(local, "deep/file"), "content", { mode: 0o600 });
      expect((await project.hostout("host1", "put", local, "var/kept")).status).toBe(0);
      expect(readFileSync(join(app, "var/kept/deep/file"), "utf8")).toBe("content");
      const back = join(project.scratch, "back");
      expect((await project.hostout("host1", "get", "var/kept", back)).status).toBe(0);
      expect(readFileSync(join(back, "deep/file"), "utf8")).toBe("content");
      expect(
        (await project.hostout("host1", "get", "var/kept/deep/file", join(back, "f"))).status,
      ).toBe(0);
      expect(readFileSync(join(back, "f"), "utf8")).toBe("content");
      // As with scp: a file that others cannot read there is not readable for others here.
      for (const [mode, expected] of [
        [0o600, 0o600],
        [0o4755, 0o755],
        [0o640, 0o640],
      ] as const) {
        const name = mode.toString(8);
        writeFileSync(join(local, name), "", { mode });
        chmodSync(join(local, name), mode);
        expect((await project.hostout("host1", "put", join(local, name), "var/mode")).status).toBe(
          0,
        );
        expect(statSync(join(app, "var/mode")).mode & 0o7777).toBe(expected);
        const fetched = join(back, name);
        expect((await project.hostout("host1", "get", "var/mode", fetched)).status).toBe(0);
        expect(statSync(fetched).mode & 0o7777).toBe(expected & ~process.umask());
      }
      const line = join(project.scratch, "two\nlines");
      writeFileSync(line, "newline");
      expect((await project.hostout("host1", "put", line, "var/")).status).toBe(0);
      expect(
        (await project.hostout("host1", "get", "var/two\nlines", join(back, "l"))).status,
      ).toBe(0);
      expect(readFileSync(join(back, "l"), "utf8")).toBe("newline");
      const missing = await project.hostout("host1", "get", "var/none");
      expect(missing.status).toBe(1);
      expect(missing.stderr).toContain(
        `There is no file or directory ${app}/var/none on the host.`,
      );
    });

    test("put puts a file into a directory, as cp does", async () => {
      const local = join(project.scratch, "a file");
      writeFileSync(local, "content");
      expect((await project.hostout("host1", "run", "mkdir -p var/into")).status).toBe(0);
      for (const target of ["var/into", "var/into/", `${app}/var/into`]) {
        expect((await project.hostout("host1", "put", local, target)).status).toBe(0);
        expect(readFileSync(join(app, "var/into/a file"), "utf8")).toBe("content");
        rmSync(join(app, "var/into/a file"));
      }
      expect((await project.hostout("host1", "put", local, "var/into/named")).status).toBe(0);
      expect(readFileSync(join(app, "var/into/named"), "utf8")).toBe("content");
      const missing = await project.hostout("host1", "put", local, "var/no/");
      expect(missing.status).toBe(1);
      expect(missing.stderr).toContain(`There is no directory ${app}/var/no/ on the host.`);
      expect(existsSync(join(app, "var/no"))).toBe(false);
    });

    test("get takes a file into a directory, as cp does", async () => {
      mkdirSync(join(app, "var/from"), { recursive: true });
      writeFileSync(join(app, "var/from/a file"), "content");
      const into = join(project.scratch, "fetched into");
      mkdirSync(into);
      const get = (...words: string[]) => project.hostout("host1", "get", ...words);
      for (const target of [into, `${into}/`]) {
        expect(await get("var/from/a file", target)).toMatchObject({ status: 0, stderr: "" });
        expect(readFileSync(join(into, "a file"), "utf8")).toBe("content");
        rmSync(join(into, "a file"));
      }
      const refusals: [string[], string][] = [
        [["var/from/a file", `${into}/no/`], `There is no directory ${into}/no.`],
        [
          ["var/from/a file", `${into}/no/x`],
          `Cannot write ${into}/no/x: no such file or directory`,
        ],
        [["var/from/a file", join(into, "x".repeat(300))], "name too long"],
        [["var/from", join(project.directory, "prod.cfg")], "prod.cfg: file already exists"],
      ];
      symlinkSync("nowhere", join(app, "var/from/link"));
      refusals.push([["var/from/link", into], "is a broken link."]);
      for (const [words, message] of refusals) {
        const outcome = await get(...words);
        expect(outcome.stderr).toContain(message);
        expect(outcome.stderr).not.toMatch(/E[A-Z]{4,}:|hostout-part/);
        expect(outcome.status).toBe(1);
      }
      expect(readdirSync(into)).toEqual([]);
      const long = await project.hostout("host1", "put", "x".repeat(300));
      expect(long.stderr).toMatch(/^Error: Cannot read \S+x: name too long\n/);
    });

    test("put and get report files without content, and transfer the rest of a directory", async () => {
      const local = join(project.scratch, "with pipe");
      mkdirSync(join(local, "in"), { recursive: true });
      writeFileSync(join(local, "in/file"), "content");
      execFileSync("mkfifo", [join(local, "in/pipe")]);
      const put = await project.hostout("host1", "put", local, "var/piped");
      expect(put).toMatchObject({
        status: 0,
        stderr: expect.stringContaining(
          `Skipped ${local}/in/pipe: it is a named pipe, not a regular file`,
        ),
      });
      expect(readdirSync(join(app, "var/piped/in"))).toEqual(["file"]);
      execFileSync("mkfifo", [join(app, "var/piped/in/other")]);
      const get = await project.hostout("host1", "get", "var/piped", join(local, "back"));
      expect(get).toMatchObject({
        status: 0,
        stderr: expect.stringContaining(`Skipped ${app}/var/piped/in/other: it is a named pipe`),
      });
      expect(readdirSync(join(local, "back/in"))).toEqual(["file"]);
    });

    test("put refuses a file whose name is not UTF-8", async () => {
      const script = `cd "$1" && f=$(printf 'caf\\351') && : > "$f" && shift && "$@" host1 put "$f"`;
      const hostout = [process.execPath, join(project.directory, "bin/hostout")];
      const outcome = await project.run("sh", ["-c", script, "sh", project.scratch, ...hostout])
        .outcome;
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toContain("The name is not UTF-8");
    });

    test("nothing temporary is left on the host", () => {
      const names = readdirSync(server.home, { recursive: true, encoding: "utf8" });
      const temporary = names.filter((name) => /tmp|stage|incoming|looking|\.part/.test(name));
      expect(temporary).toEqual([]);
    });
  });
});
