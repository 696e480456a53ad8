import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { servers, type TestServer } from "../support/servers.ts";

const FABFILE = `
import { readFileSync } from "node:fs";
import { api, task } from "hostout";

export const echo = task("Say an option and an argument", async (word: string) => {
  await api.run(\`echo '\${api.env.option1} \${word}'\`);
});

export async function results() {
  const good = await api.run("echo out; echo err >&2");
  const bad = await api.settings({ warnOnly: true }, () => api.run("echo no >&2; exit 3"));
  api.note(JSON.stringify([
    \`\${good}\`, good.stdout, good.stderr, good.returnCode, good.succeeded, good.failed,
    bad.stderr, bad.returnCode, bad.succeeded, bad.failed,
  ]));
}

export const fails = () => api.run("exit 4");

export async function folders() {
  await api.run("mkdir -p sub/deep");
  const lines = await api.cd("sub", async () => {
    const inner = await api.cd("deep", () => api.run("pwd"));
    const outer = await api.run("pwd");
    const top = await api.cd("/", () => api.prefix("export A=1", () => api.prefix("B=2", () =>
      api.run('echo "$A$B $(pwd)"'))));
    return [inner, outer, top].map(String);
  });
  api.note(lines.join("|"));
  const here = await api.lcd("etc", () => api.local("pwd; echo $((1+1))", { capture: true }));
  api.note(here.stdout.replaceAll("\\n", "|"));
}

export async function hidden() {
  await api.hide(["running", "stdout"], async () => {
    await api.run("echo unseen; echo seen >&2");
    await api.show("stdout", () => api.run("echo shown again"));
  });
  await api.hide("everything", () => api.run("echo nothing of this"));
}

export async function files() {
  await api.run("mkdir -p conf");
  const path = await api.put("etc/app.conf", "conf");
  await api.put(Buffer.from("made here\\n"), "conf/bytes.txt", { mode: 0o600 });
  await api.put("etc", "copy");
  await api.files.append("conf/list", ["one", "two", "a's"]);
  await api.files.append("conf/list", "two");
  await api.files.sed("conf/list", "t(w)o", "/\\\\1/");
  await api.files.upload_template("etc/t.in", "conf/t.out", { who: "you", n: 5 }, { mode: 0o640 });
  const answers = [
    await api.files.exists("conf/list"),
    await api.files.exists("conf/none"),
    await api.files.contains("conf/list", "a'"),
    await api.files.contains("conf/list", "a'", { exact: true }),
    await api.files.contains("conf/list", /^o.e$/),
  ];
  api.note(answers.join(" "));
  api.note(String(await api.run("cat conf/list conf/t.out conf/bytes.txt copy/etc/app.conf; stat -c %a conf/bytes.txt conf/t.out")));
  await api.get("conf/list", "fetched.txt");
  api.note(path);
}

export const refuse = () => false;
export const uploadeggs = () => (api.env.stop === undefined ? api.super() : false);
export const halt = () => void (api.env.stop = true);
export const order = task("Tells its place", async () => void (await api.commands.say("called", "by name")));
export const say = (...words: string[]) => api.note("said " + words.join(" "));

export async function predeploy(...args: unknown[]) {
  api.env.seen = "kept";
  api.note("before");
  const result = await api.super(...args);
  api.note("after");
  return result;
}
export const remembered = () => api.note(\`env \${api.env.seen} \${"option1" in api.env} \${api.env.host_string}\`);
export const asks = async () => api.note(await api.prompt("Name?"));
export const unknown = () => api.commands.delpoy();
`;

const HAS_RSYNC = ["/usr/bin/rsync", "/usr/local/bin/rsync"].some((file) => existsSync(file));

const OVERRIDE = `
import { api } from "hostout";
export function initcommand(name) { api.note("about to run " + name); }
export async function echo(word) { await api.super(word + "!"); }
`;

const BUILDOUT = (host: string) => `[buildout]
parts = host1
[host1]
${host}fabfiles =
    fabfile.ts
    tools/override.mjs
option1 = buildout
`;

describe.each(servers)("fabfiles in TypeScript, on $name", ({ start, missing }) => {
  describe.skipIf(missing !== undefined)(missing ?? "with a server", () => {
    let server: TestServer;
    let project: TestProject;

    beforeAll(async () => {
      server = await start();
      project = new TestProject({
        "fabfile.ts": FABFILE,
        "tools/override.mjs": OVERRIDE,
        "etc/app.conf": "port = 1\n",
        "etc/t.in": "100%% of %(who)s, %(n)s\n",
        "prod.cfg": "[buildout]\nparts =\n",
      });
      project.write({ "buildout.cfg": BUILDOUT(project.hostLines(server)) });
      expect((await project.buildout()).stderr).toBe("");
      const made = await project.hostout("host1", "run", `mkdir -p ${join(server.home, "app")}`);
      expect(made.status).toBe(0);
    });

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    const notes = (stdout: string) =>
      stdout.split("\n").flatMap((line) => /^Hostout: (?!Running|about)(.*)/.exec(line)?.[1] ?? []);

    test("add commands to the list, with their descriptions", async () => {
      const { stdout } = await project.hostout("host1");
      expect(stdout).toMatch(/^ {2}echo +: Say an option and an argument$/m);
      expect(stdout).toMatch(/^ {2}deploy +: Run predeploy, uploadeggs/m);
      expect(stdout).toMatch(/^ {2}predeploy +: Install buildout and its dependencies/m);
      expect(stdout).not.toContain("initcommand");
    });

    test("a command overrides and calls the one below; initcommand runs before it", async () => {
      const { stdout, status } = await project.hostout("host1", "echo", "is cool");
      expect(stdout).toContain("Hostout: Running command 'echo' from 'tools/override.mjs'");
      expect(stdout).toContain("Hostout: about to run echo\n");
      expect(stdout).toContain("] out: buildout is cool!\n");
      expect(status).toBe(0);
    });

    test("results contain output and status; a failing command ends the run", async () => {
      const { stdout, stderr } = await project.hostout("host1", "results");
      expect(notes(stdout)).toEqual([
        JSON.stringify(["out", "out", "err", 0, true, false, "no", 3, false, true]),
      ]);
      expect(stderr).toContain("Warning: 'echo no >&2; exit 3' ended with status 3 on host1.");
      const failed = await project.hostout("host1", "fails", "say");
      expect(failed.status).toBe(1);
      expect(failed.stderr).toContain("Error: 'exit 4' ended with status 4 on host1.");
      expect(failed.stdout).not.toContain("said");
    });

    test("cd, lcd and prefix apply to the commands inside them", async () => {
      const { stdout } = await project.hostout("host1", "folders");
      const app = join(server.home, "app");
      expect(notes(stdout)).toEqual([
        `${app}/sub/deep|${app}/sub|12 /`,
        `${join(project.directory, "etc")}|2`,
      ]);
      expect(stdout).toContain("[localhost] local: pwd; echo $((1+1))\n");
    });

    test("hide and show choose the lines", async () => {
      const { stdout } = await project.hostout("host1", "hidden");
      expect(stdout).not.toContain("unseen");
      expect(stdout).toContain("err: seen");
      expect(stdout).toContain("out: shown again");
      expect(stdout).not.toContain("nothing of this");
    });

    test("files are uploaded, downloaded and changed in place", async () => {
      const { stdout, stderr, status } = await project.hostout("host1", "files");
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(stdout).toContain("Hostout: true false true false true\n");
      expect(stdout).toContain("out: 100% of you, 5\n");
      expect(readFileSync(join(project.directory, "fetched.txt"), "utf8")).toBe("one\n/w/\na's\n");
      expect(stdout).toContain("out: 600\n");
      expect(stdout).toContain("out: 640\n");
      expect(stdout).toContain(`Hostout: ${join(server.home, "app/conf/app.conf")}\n`);
      expect(existsSync(join(server.home, "app/conf/list.bak"))).toBe(true);
    });

    test("false fails the run; later commands do not run", async () => {
      const { stdout, status } = await project.hostout("host1", "refuse", "say");
      expect(status).toBe(1);
      expect(stdout).not.toContain("said");
    });

    test("a step of a deployment that returns false ends it", async () => {
      const { stdout, status } = await project.hostout("host1", "halt", "deploy", "say");
      expect(status).toBe(1);
      expect(stdout).toContain("Running command 'uploadeggs' from 'fabfile.ts'");
      expect(stdout).not.toContain("Running command 'uploadbuildout'");
      expect(stdout).not.toContain("said");
    });

    test("commands call each other by name and share api.env", async () => {
      const { stdout } = await project.hostout("host1", "order", "predeploy", "remembered");
      const said = notes(stdout);
      expect(said).toContain("said called by name");
      expect(said.indexOf("before")).toBeLessThan(said.indexOf("after"));
      expect(said.at(-1)).toBe(`env kept true ${server.host}:${server.port}`);
    });

    test("wrong uses are reported", async () => {
      const asked = await project.hostout("host1", "asks");
      expect(asked.stderr).toContain("Error: There is no terminal to ask: Name?");
      const unknown = await project.hostout("host1", "unknown");
      expect(unknown.stderr).toContain("There is no command 'delpoy'.");
      expect(unknown.stderr).toContain("Did you mean 'deploy'?");
    });

    test("a fabfile that cannot be loaded is named", async () => {
      const other = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
      try {
        const host = other.hostLines(server, { fabfiles: "fabfile.ts" });
        other.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${host}` });
        await other.buildout();
        const missing = await other.hostout("host1", "run", "true");
        expect(missing.stderr).toContain(
          `There is no fabfile ${join(other.directory, "fabfile.ts")}`,
        );
        other.write({ "fabfile.ts": "import { api } from 'hostout';\napi.run('x');\n" });
        const outside = await other.hostout("host1", "run", "true");
        expect(outside.stderr).toContain("uses the host outside a command");
        other.write({ "fabfile.ts": "export const x = ;\n" });
        const broken = await other.hostout("host1");
        expect(broken.stderr).toContain("fabfile.ts");
        expect(broken.stderr).not.toContain("    at ");
      } finally {
        other.remove();
      }
    });

    test.runIf(HAS_RSYNC)("rsync uses the existing connection", async () => {
      const sync = new TestProject({
        "prod.cfg": "[buildout]\nparts =\n",
        "data/a b.txt": "1",
        "data/deep/c.txt": "2",
        "fabfile.ts": `import { api } from "hostout";
export const up = () => api.rsync("data/", "synced");
export const down = () => api.rsync("back/", "synced/", { download: true, delete: true, exclude: ["*.tmp"] });
`,
      });
      try {
        const host = sync.hostLines(server, { fabfiles: "fabfile.ts" });
        sync.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${host}` });
        await sync.buildout();

        const up = await sync.hostout("host1", "up");
        expect(up.status).toBe(0);
        const target = join(server.home, "app/synced");
        expect(readFileSync(join(target, "a b.txt"), "utf8")).toBe("1");
        writeFileSync(join(target, "deep/c.txt"), "three");
        writeFileSync(join(target, "x.tmp"), "");
        sync.write({ "back/old.txt": "" });
        const down = await sync.hostout("host1", "down");
        expect(down.status).toBe(0);
        expect(readFileSync(join(sync.directory, "back/deep/c.txt"), "utf8")).toBe("three");
        expect(existsSync(join(sync.directory, "back/old.txt"))).toBe(false);
        expect(existsSync(join(sync.directory, "back/x.tmp"))).toBe(false);
      } finally {
        sync.remove();
      }
    });

    test("hosts run in parallel if the command or the command line says so", async () => {
      const both = new TestProject({
        "prod.cfg": "[buildout]\nparts =\n",
        "fabfile.ts": `import { api, parallel, serial } from "hostout";
// Ends only if both hosts run it at the same time.
const rendezvous = (folder: string) =>
  api.run(\`mkdir -p \${folder}; touch \${folder}/\${api.env.name};
    for i in $(seq 100); do [ $(ls \${folder} | wc -l) = 2 ] && exit 0; sleep 0.1; done; exit 1\`);
export const meet = parallel(rendezvous);
export const maybe = rendezvous;
export const alone = serial(() => api.run("mkdir ${join("~", "alone")} && sleep 0.2 && rmdir ~/alone"));
export const half = parallel(() => api.run(api.env.name === "one" ? "exit 5" : "sleep 0.3; echo fine"));
`,
      });
      try {
        const lines = both.hostLines(server, { fabfiles: "fabfile.ts" });
        both.write({
          "buildout.cfg": `[buildout]\nparts = one two\n[one]\n${lines}[two]\n${lines}`,
        });
        expect((await both.buildout()).status).toBe(0);
        const home = server.home;
        expect((await both.hostout("all", "meet", join(home, "meet1"))).status).toBe(0);
        expect((await both.hostout("-P", "all", "maybe", join(home, "meet2"))).status).toBe(0);
        expect((await both.hostout("-P", "all", "alone")).status).toBe(0);
        const half = await both.hostout("all", "half");
        expect(half.status).toBe(1);
        expect(half.stderr).toContain("ended with status 5 on one.");
        expect(half.stdout).toContain("out: fine");
      } finally {
        both.remove();
      }
    });
  });
});
