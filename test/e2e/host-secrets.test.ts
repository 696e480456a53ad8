import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { keptArchive } from "../support/kept-archive.ts";
import { sshdMissing, startSshdServer, type TestServer } from "../support/servers.ts";

/** The secrets that the host's parts get, by option of [secrets]. */
const CANARIES: Record<string, string> = {
  db: 'canary-"db"-1&',
  token: "canary/token-2",
  key: "canary-key-3\nwith a second line",
  template: "canary-template-4",
  changed: "canary-changed-5",
  today: "canary-today-6",
  index: "canary-index-7",
  hook: "canary-hook-8",
  literal: "canary-literal-9",
  file: "canary-file-10",
  indirect: "canary-indirect-11",
  sealed: "canary-sealed-12",
};

/** As variables of the environment. */
const byName = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toUpperCase(), value]));

const RECIPE = `import { existsSync, writeFileSync } from "node:fs";
export default {
  description: "Writes its options, and tells all.",
  install(part) {
    const { options } = part;
    part.log.info("dsn is " + options.get("dsn"));
    console.log("printed: " + options.get("token"));
    writeFileSync("etc/app.conf", options.get("dsn") + options.get("token") + options.get("sealed"));
    if (existsSync("fail")) throw new Error("cannot use " + options.get("dsn"));
    return ["etc/app.conf"];
  },
};
`;

const files = {
  "prod.cfg": `[buildout]
parts = app site
[app]
recipe = ./app.mjs
dsn = postgres://app:\${secrets:db}@localhost/app
token = \${secrets:token}
key = \${secrets:key}
sealed = \${secrets:sealed}
[site]
recipe = collective.recipe.template
input = files/site.in
output = etc/site.conf
[other]
unused = \${secrets:unneeded}
[secrets]
db = env:DB_PASSWORD
token = file:token.txt
key = cmd:cat key.txt
template = cmd:echo read >> reads; cat template.txt
unneeded = cmd:touch ran; exit 1
sealed = age:sealed
`,
  "app.mjs": RECIPE,
  "files/site.in": "site ${secrets:template}\n",
  "etc/.keep": "",
  "token.txt": CANARIES.token!,
  "key.txt": `${CANARIES.key}\n`,
  "template.txt": CANARIES.template!,
};

let server: TestServer;
let project: TestProject;
let app: string;
const shown: string[] = [];

/** The canaries in a text, with the text before them, in all forms that a value can have. */
function leaks(text: string): string[] {
  return Object.values(CANARIES).flatMap((canary) =>
    [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)]
      .filter((form) => text.includes(form))
      .map((form) => `${form} in ${text.slice(0, 200)}`),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

/** The content of a file, uncompressed. */
function contentOf(file: string): string {
  const content = readFileSync(file);
  const isCompressed = content[0] === 0x1f && content[1] === 0x8b;
  return (isCompressed ? gunzipSync(content) : content).toString("latin1");
}

/** Command lines and environments of a user's processes, until `end` is called. */
function watchProcesses(user: string): { end(): Promise<string[]> } {
  const uid = Number(execFileSync("id", ["-u", user], { encoding: "utf8" }));
  const seen = new Set<string>();
  let isEnded = false;
  const watching = (async () => {
    while (!isEnded) {
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
          if (statSync(`/proc/${pid}`).uid !== uid) continue;
          for (const what of ["cmdline", "environ"]) {
            seen.add(readFileSync(`/proc/${pid}/${what}`, "latin1"));
          }
        } catch {
          // It has ended since.
        }
      }
      await new Promise(setImmediate);
    }
  })();
  return {
    async end() {
      isEnded = true;
      await watching;
      return [...seen];
    },
  };
}

describe.skipIf(sshdMissing)("secrets of a deployment", () => {
  beforeAll(async () => {
    server = await startSshdServer();
    app = join(server.home, "app");
    project = new TestProject(files);
    project.env.DB_PASSWORD = CANARIES.db!;
    Object.assign(project.env, { LOGIN: server.password ?? "", ...byName(CANARIES) });
    const host = project.hostLines(server, {
      include: "app.mjs\nfiles\netc/.keep",
      ...(server.password !== undefined && { password: "${secrets:login}", "identity-file": "" }),
      "buildout-password": "${logins:builder}",
      "x-hook": "to ${secrets:hook}",
      extends: "logins",
    });
    const python = {
      engine: "python",
      path: join(server.home, "python"),
      password: CANARIES.literal!,
      "buildout-password-file": "file.txt",
    };
    project.write({
      "file.txt": CANARIES.file!,
      "fabfile.py": "",
      "buildout.cfg": `[buildout]
parts = host1 host2
index = https://me:\${secrets:index}@index.invalid/simple
[host1]
${host}[host2]
${project.hostLines(server, python)}[logins]
builder = \${secrets:indirect}
[secrets]
login = env:LOGIN
index = env:INDEX
hook = env:HOOK
indirect = env:INDIRECT
`,
    });
    const hostout = join(import.meta.dirname, "../../bin/hostout");
    const add = `printf %s ${CANARIES.sealed} | "${process.execPath}" "${hostout}" secrets add sealed`;
    expect((await project.run("sh", ["-c", add]).outcome).status).toBe(0);
    const { status, stderr } = await project.buildout();
    expect([stderr, status]).toEqual(["", 0]);
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  const read = (name: string) => readFileSync(join(app, name), "utf8");
  /** Runs `bin/hostout`, and keeps its output. */
  async function hostout(...args: string[]) {
    const watched = watchProcesses(server.user);
    const { status, stdout, stderr } = await project.hostout(...args);
    const seen = await watched.end();
    shown.push(stdout, stderr, ...seen);
    return { status, all: stdout + stderr };
  }

  const mode = (name: string) => statSync(join(app, name)).mode & 0o777;

  test("reach the parts that need them; unused ones are not read", async () => {
    const { status, all } = await hostout("host1", "deploy");
    expect(status, all).toBe(0);
    expect(read("etc/app.conf")).toBe(
      `postgres://app:${CANARIES.db}@localhost/app${CANARIES.token}${CANARIES.sealed}`,
    );
    expect(read("etc/site.conf")).toBe(`site ${CANARIES.template}\n`);
    expect(["etc/app.conf", "etc/site.conf"].map(mode)).toEqual([0o640, 0o640]);
    expect(existsSync(join(project.directory, "ran"))).toBe(false);
    expect(all).toContain("dsn is postgres://app:***@localhost/app");
    expect(all).toContain("printed: ***");
    const archive = contentOf(keptArchive(app, 1));
    expect([archive.includes("tree/prod.cfg"), leaks(archive)]).toEqual([true, []]);
  });

  test("one that has changed reinstalls its parts, without a new release", async () => {
    expect((await hostout("host1", "deploy")).all).not.toContain("Installing");
    project.env.DB_PASSWORD = CANARIES.changed!;
    const { status, all } = await hostout("--json", "host1", "buildout", "-vv");
    expect(status, all).toBe(0);
    expect(all).toContain("Installing app.");
    expect(all).not.toContain("Installing site.");
    expect(read("etc/app.conf")).toContain(CANARIES.changed);
    expect(existsSync(join(app, ".hostout/releases/2"))).toBe(false);
  });

  test("a value that is missing here is an error before anything changes", async () => {
    const { DB_PASSWORD } = project.env;
    delete project.env.DB_PASSWORD;
    project.write({ "files/more": "new" });
    for (const command of ["deploy", "uploadbuildout", "buildout"]) {
      const { status, all } = await hostout("host1", command);
      expect([status, all]).toEqual([1, expect.stringContaining("secrets:db has no value")]);
    }
    expect(existsSync(join(app, "files/more"))).toBe(false);
    project.env.DB_PASSWORD = DB_PASSWORD!;
  });

  test("without a deployment, the host's own buildout says where they must come from", () => {
    const configuration = readdirSync(app).find((name) => /^host1-\w+\.cfg$/.test(name))!;
    const before = read("etc/app.conf");
    const run = () =>
      execFileSync("bin/buildout", ["-c", configuration], { cwd: app, stdio: "pipe" });
    expect(run).toThrow("the deploying machine must send it, and has not.");
    expect(read("etc/app.conf")).toBe(before);
  });

  test("a build that fails prints none of them", async () => {
    project.write({ "files/fail": "", "app.mjs": RECIPE.replace('"fail"', '"files/fail"') });
    for (const options of [["-D"], ["--json"]]) {
      const { status, all } = await hostout(...options, "host1", "deploy");
      expect(status).toBe(1);
      expect(all).toContain("cannot use postgres://app:***@localhost/app");
    }
    rmSync(join(project.directory, "files/fail"));
    expect((await hostout("host1", "deploy")).status).toBe(0);
  });

  test("a rollback sends those of today", async () => {
    project.env.DB_PASSWORD = CANARIES.today!;
    const { status, all } = await hostout("host1", "rollback", "1");
    expect(status, all).toBe(0);
    expect(read("etc/app.conf")).toContain(CANARIES.today);
    project.write({ "prod.cfg": files["prod.cfg"].replace(/^.*\bdb\b.*\n/gm, "") });
    const number = / (\d+) +\w{12} .*bad$/m.exec((await hostout("host1", "releases")).all)?.[1];
    expect((await hostout("host1", "rollback", number!)).all).toContain(
      "The release needs secrets:db, which [secrets] of the project no longer has.",
    );
  });

  test.each([
    "plan --diff full",
    "deploy --plan --out plan.json",
    "plan --format markdown",
    "--json plan",
    "--json=events.jsonl plan",
    "deploy --from plan.json",
    "diff 1",
    "verify",
    "audit",
    "--json releases",
    "download 1 taken",
    "buildout -vvv",
  ])("'%s' tells none of them", async (words) => {
    project.write({ "files/changed": "since the last release" });
    const [first = "", ...others] = words.split(" ");
    const isOption = first.startsWith("-");
    const { status, all } = await hostout(
      ...(isOption ? [first] : []),
      "host1",
      ...(isOption ? [] : [first]),
      ...others,
    );
    expect([status, leaks(all)]).toEqual([0, []]);
  });

  test("nothing but the files that they are meant for has any of them", () => {
    const sources = ["token.txt", "key.txt", "template.txt", "file.txt", "buildout.cfg"]
      .concat("parts/hostout/host2.password")
      .map((name) => join(project.directory, name));
    const meant = ["etc/app.conf", "etc/site.conf"].map((name) => join(app, name));
    const kept = [project.scratch, server.home]
      .flatMap((folder) => filesBelow(folder))
      .filter((file) => !sources.includes(file) && !meant.includes(file))
      .map((file) => `${file}\n${contentOf(file)}`);
    // The processes were really looked at, and the files.
    expect(shown.some((text) => text.includes("HOSTOUT_SECRETS_FD=4"))).toBe(true);
    expect(kept.some((text) => text.startsWith(join(app, ".installed.cfg\n")))).toBe(true);
    expect([...kept, ...shown].flatMap(leaks)).toEqual([]);
  });

  test("a host with zc.buildout is refused before anything changes", async () => {
    const { status, all } = await hostout("host2", "deploy");
    expect(status).toBe(1);
    expect(all).toContain("which cannot be sent to zc.buildout");
    expect(existsSync(join(server.home, "python"))).toBe(false);
  });
});
