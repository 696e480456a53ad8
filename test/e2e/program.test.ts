// Deployments from a program: results, events and errors of `hostout/deploy`, and that it prints nothing.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostResult } from "../../src/deploy.ts";
import type { HostoutEvent } from "../../src/events/deployment.ts";
import { root } from "../support/command-project.ts";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { start } from "../support/running.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;

async function configure(options: Record<string, string> = {}): Promise<void> {
  const lines = ["web1", "web2", "web3"].map((name, index) => {
    const path = join(server.home, name);
    const roles = index === 0 ? "front" : "back";
    return `[${name}]\n${project.hostLines(server, { path, roles, ...options })}`;
  });
  project.write({ "buildout.cfg": `[buildout]\nparts = web1 web2 web3\n${lines.join("")}` });
  expect(await project.buildout()).toMatchObject({ status: 0, stderr: "" });
}

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({
    "prod.cfg": "[buildout]\nparts =\n",
    "fab.py": "def shout():\n    print('loud')\n\ndef predeploy(*args):\n    shout()\n",
  });
  await configure();
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

interface Told {
  results: HostResult[];
  events: HostoutEvent[];
  /** The exception. */
  code?: string;
  message?: string;
  hint?: string;
  confirmed?: string[];
}

/** Runs a program elsewhere; `body` has `options`, to which it may add, and sets `results`. */
function begin(options: object, body: string) {
  const api = pathToFileURL(join(root, "dist/deploy.js"));
  const program = `
    import { BuildoutError, deploy, hosts, plan } from "${api}";
    const events = [];
    const told = { events };
    const options = { directory: process.argv[1], onEvent: (event) => events.push(event), ...${JSON.stringify(options)} };
    try {
      ${body}
    } catch (error) {
      Object.assign(told, { code: error instanceof BuildoutError && error.code, message: error.message, hint: error.hint });
    }
    console.log(JSON.stringify(told));
  `;
  const args = ["--input-type=module", "-e", program, project.directory];
  const env = { PATH: process.env.PATH, HOME: project.scratch };
  return start(process.execPath, args, { cwd: "/", env });
}

/** The output of a program that prints nothing else; a process that hangs does not end. */
async function run(options: object, body: string): Promise<Told> {
  const { status, stdout, stderr } = await begin(options, body).outcome;
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.trimEnd()).not.toContain("\n");
  return JSON.parse(stdout) as Told;
}

/** The events as lines of `--json`, checked against the schema. */
function checked(events: readonly HostoutEvent[]) {
  const head = { v: 1, run: "one", t: new Date().toISOString() };
  const lines = events.map((event, index) => JSON.stringify({ ...head, seq: index + 1, ...event }));
  return eventsIn(`${lines.join("\n")}\n`, "hostout");
}

test("hosts are listed with their roles, and chosen as on the command line", async () => {
  const { results } = await run(
    { hosts: ["web*", "!web3"] },
    "told.results = await hosts(options);",
  );
  const place = (name: string) => ({
    address: `${server.host}:${server.port}`,
    ...{ user: server.user, path: join(server.home, name) },
  });
  expect(results).toEqual([
    { name: "web1", roles: ["front"], ...place("web1") },
    { name: "web2", roles: ["back"], ...place("web2") },
  ]);
});

test("a deployment returns a result for each host, and reports the events of --json", async () => {
  // There is a file at the path of web2's directory.
  writeFileSync(join(server.home, "web2"), "");
  const planned = await run({ rollout: "1 100%" }, "told.results = await plan(options);");
  expect(planned.results).toMatchObject([
    { host: "web1", outcome: "done", plan: { changes: true, steps: expect.any(Array) } },
    { host: "web2", outcome: "failed", error: { code: expect.any(String) } },
    { host: "web3", outcome: "done", plan: { release: { number: 1 } } },
  ]);
  const { results, events } = await run(
    { parallel: 3, rollout: "2 100%", maxFail: "50%" },
    "told.results = await deploy(options);",
  );
  expect(results).toEqual([
    {
      ...{ host: "web1", outcome: "done", seconds: expect.any(Number) },
      release: { number: 1, id: expect.any(String) },
    },
    {
      ...{ host: "web2", outcome: "failed", seconds: expect.any(Number) },
      error: expect.objectContaining({ code: expect.any(String), message: expect.any(String) }),
    },
    expect.objectContaining({ host: "web3", outcome: "done" }),
  ]);
  const lines = checked(events);
  expect(lines.at(-1)).toMatchObject({ type: "done", ok: false, failed: ["web2"], notReached: [] });
  expect(lines.find(({ type }) => type === "error")).toMatchObject(results[1]!.error!);
});

test("exactly a saved plan is deployed, or nothing", async () => {
  const options = { hosts: ["web1"], planFile: "web1.plan" };
  await run(options, "told.results = await plan(options);");
  project.write({ "prod.cfg": "[buildout]\nparts =\nprefer-final = true\n" });
  const late = await run(options, "told.results = await deploy(options);");
  expect(late.results).toMatchObject([{ outcome: "failed", error: { code: "stale-plan" } }]);
  await run(options, "told.results = await plan(options);");
  const followed = await run(options, "told.results = await deploy(options);");
  expect(followed.results).toMatchObject([{ outcome: "done", release: { number: 2 } }]);
});

test.each([
  [{ hosts: ["web9"] }, "unknown-host", "There is no host 'web9'."],
  [{ hosts: [] }, "unknown-host", "No host is chosen."],
  [{ paralel: 2 }, "usage", "There is no option 'paralel'."],
  [{ parallel: 0 }, "usage", "The option 'parallel' has a value that it cannot have."],
  [{ rollout: "50% 10%" }, "usage", "rollout: Percentages are cumulative"],
  [{ maxFail: -1 }, "usage", "maxFail: '-1' is neither"],
  [{ directory: "/nowhere" }, "no-hostout-cfg", "There is no parts/hostout/hostout.cfg"],
  [{ directory: undefined }, "usage", "The option 'directory' is missing."],
])("%j is refused as %s, before a login", async (options, code, message) => {
  const gone = "directory" in options && options.directory === undefined;
  const told = await run(
    options,
    `${gone ? "delete options.directory;" : ""} told.results = await deploy(options);`,
  );
  expect(told).toMatchObject({ code, message: expect.stringContaining(message), events: [] });
});

test("only the program can ask questions", async () => {
  const own = { "accept-new": "", "known-hosts": join(project.scratch, "others") };
  await configure(own);
  const options = { hosts: ["web1", "web3"] };
  const alone = await run(options, "told.results = await deploy(options);");
  expect(alone.results).toMatchObject([
    { host: "web1", outcome: "failed", error: { code: "host-key-unknown" } },
    { host: "web3", outcome: "not-reached" },
  ]);
  const { results, confirmed } = await run(
    options,
    `told.confirmed = [];
     const confirm = async (question) => told.confirmed.push(question) > 0;
     told.results = await deploy({ ...options, confirm });`,
  );
  expect(confirmed).toEqual([expect.stringContaining(server.host)]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  await configure();
});

test("output of fabfiles in Python becomes events", async () => {
  await configure({ fabfiles: "fab.py" });
  const { events } = await run({ hosts: ["web1"] }, "told.results = await deploy(options);");
  expect(checked(events)).toContainEqual(
    expect.objectContaining({ type: "output", host: "web1", line: "loud", local: true }),
  );
  await configure();
});

test("a signal ends running hosts, another one prevents further hosts from starting", async () => {
  const begun = join(server.home, "begun");
  await configure({ "post-commands": `touch ${begun}; sleep 1000` });
  const body = (name: string, more = "") => `
    const ending = new AbortController();
    const onEvent = (event) => {
      events.push(event);
      if (event.type === "run" && event.command.includes("sleep 1000")) { ending.abort(); ${more} }
    };
    told.results = await deploy({ ...options, onEvent, ${name}: ending.signal });`;
  const options = { hosts: ["web1", "web3"] };
  const ended = await run(options, body("signal"));
  expect(ended.results.map(({ outcome }) => outcome)).toEqual(["interrupted", "not-reached"]);
  await configure({ "post-commands": "true sleep 1000" });
  const stopped = await run(options, body("stop"));
  expect(stopped.results.map(({ outcome }) => outcome)).toEqual(["done", "not-reached"]);
  const failing = await run(options, body("stop", 'throw new Error("of the program");'));
  expect(failing).toMatchObject({ code: false, message: "of the program" });
  await configure();
});

test("two deployments in one process are apart", async () => {
  mkdirSync(join(server.home, "elsewhere"), { recursive: true });
  const { results } = await run(
    {},
    `const one = (host) => deploy({ ...options, hosts: [host] });
     told.results = (await Promise.all([one("web1"), one("web3")])).flat();`,
  );
  expect(results).toMatchObject([
    { host: "web1", outcome: "done" },
    { host: "web3", outcome: "done" },
  ]);
});
