import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import {
  allowSudo,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../../support/servers.ts";

/** Debian's own interpreter, which has Debian's python3-fabric. */
const PYTHON = "/usr/bin/python3";
const scenarios = readFileSync(fileURLToPath(new URL("scenarios.py", import.meta.url)), "utf8");

const fabricMissing =
  spawnSync(PYTHON, ["-c", "import fabric, sys; sys.exit(fabric.__version__ < '2')"]).status === 0
    ? undefined
    : "Fabric 2 is not installed (apt-get install python3-fabric)";
if (fabricMissing !== undefined && process.env.CI) {
  throw new Error(`In CI nothing may be skipped: ${fabricMissing}`);
}
const missing = usersMissing ?? fabricMissing;

const ORACLE = `
import json, sys
sys.path.insert(0, ".")
from fabric import Connection
from scenarios import run_all
facts = json.loads(sys.argv[1])
c = Connection(facts["host"], user=facts["user"], port=facts["port"], connect_kwargs={
    "key_filename": facts["key"], "look_for_keys": False, "allow_agent": False})
json.dump(run_all(c, facts), open(sys.argv[2], "w"))
`;
const FABFILE = `
import json
from fabric import task
from scenarios import run_all

@task
def compare(c, facts, out):
    json.dump(run_all(c, json.loads(facts)), open(out, "w"))
`;

const NAMES = [...scenarios.matchAll(/^@scenario\ndef (\w+)/gm)].map(([, name]) => name!);

describe.skipIf(missing !== undefined)(`Fabric 2 and ours, on one sshd ${missing ?? ""}`, () => {
  let server: TestServer;
  let theirs: Record<string, unknown>;
  let ours: Record<string, unknown>;

  beforeAll(async () => {
    server = await startSshdServer();
    execFileSync("chpasswd", { input: `${server.user}:s3cret\n` });
    await allowSudo(server, "ALL=(ALL:ALL) ALL");
    const { host, port, user, key, home } = server;
    const facts = JSON.stringify({ host, port, user, key, home });
    const results = new Map<string, Record<string, unknown>>();
    for (const side of ["theirs", "ours"]) {
      // Each begins with nothing, here and on the host.
      for (const name of execFileSync("ls", ["-A", home], { encoding: "utf8" }).split("\n")) {
        if (name !== "") rmSync(join(home, name), { recursive: true, force: true });
      }
      const project = new TestProject({
        "scenarios.py": scenarios,
        "fabfile.py": FABFILE,
        "oracle.py": ORACLE,
        "prod.cfg": "[buildout]\nparts =\n",
      });
      project.writeHost(server, { fabfiles: "fabfile.py", "no-sudo": "" });
      const out = join(project.scratch, "out.json");
      if (side === "ours") {
        await project.buildout();
        const outcome = await project.hostout("host1", "compare", facts, out);
        expect(outcome.status, outcome.stderr).toBe(0);
      } else {
        const env = { PATH: process.env.PATH, HOME: project.scratch, USER: "tester" };
        const { status, stderr } = spawnSync(PYTHON, ["-W", "ignore", "oracle.py", facts, out], {
          cwd: project.directory,
          env,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        });
        expect(status, stderr).toBe(0);
      }
      const text = readFileSync(out, "utf8").replaceAll(project.scratch, "SCRATCH");
      results.set(side, JSON.parse(text) as Record<string, unknown>);
      project.remove();
    }
    theirs = results.get("theirs")!;
    ours = results.get("ours")!;
  }, 180_000);

  afterAll(async () => {
    await server?.close();
  });

  test.each(NAMES)("%s", (name) => {
    expect(ours[name]).toEqual(theirs[name]);
  });
});
