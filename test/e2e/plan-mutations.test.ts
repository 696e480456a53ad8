// Generated changes of a project and of its host: the steps and parts of a deployment match its plan.
// HOSTOUT_MUTATIONS sets their number; `npm run faults` runs a hundred.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { partsBuilt, partsPlanned, planOf, stepsOf } from "../support/plan-events.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const COUNT = Number(process.env.HOSTOUT_MUTATIONS ?? 20);

let server: TestServer;
let project: TestProject;
let app: string;

/** Numbers that look random, the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const NAMES = ["files/a.in", "files/b.in", "files/deep/c.in", "files/deep/er/d.in"];
const PARTS = ["one", "two", "three"];

/** The wanted state of the project; every part is a template of the first file. */
interface State {
  parts: Map<string, { port: number; input: string }>;
  commands: { before: string[]; after: string[] };
}

function write({ parts, commands }: State): void {
  const sections = [...parts].map(
    ([name, { port, input }]) =>
      `[${name}]\nrecipe = collective.recipe.template\ninput = ${input}\noutput = made/${name}\nport = ${port}\n`,
  );
  project.write({
    "prod.cfg": `[buildout]\nparts = ${[...parts.keys()].join(" ")}\n${sections.join("")}`,
    "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, {
      include: "files",
      "pre-commands": commands.before.join("\n"),
      "post-commands": commands.after.join("\n"),
    })}`,
  });
}

beforeAll(async () => {
  server = await startSandboxServer();
  app = join(server.home, "app");
  project = new TestProject({});
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

/** Replaces whatever is at a path. */
function put(path: string, make: (path: string) => void): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  make(path);
}

/** Changes one thing, here or on the host; returns what. Where hand edits stay, parts must be able to read them. */
function mutate(state: State, staysBroken: boolean, pick: (below: number) => number): string {
  const name = NAMES[1 + pick(NAMES.length - 1)]!;
  const here = join(project.directory, name);
  const there = join(app, NAMES[pick(NAMES.length)]!);
  const part = PARTS[pick(PARTS.length)]!;
  const isInput = [...state.parts.values()].some(({ input }) => input === name);
  const mutations: [string, () => void][] = [
    [`edit ${name}`, () => put(here, (path) => writeFileSync(path, `${pick(1000)}\n`))],
    [`remove ${name}`, () => isInput || rmSync(here, { recursive: true, force: true })],
    [`link ${name}`, () => isInput || put(here, (path) => symlinkSync("nothing", path))],
    [`directory ${name}`, () => isInput || put(here, (path) => mkdirSync(path))],
    ["mode", () => chmodSync(join(project.directory, NAMES[0]!), pick(2) ? 0o755 : 0o644)],
    [`option of ${part}`, () => Object.assign(state.parts.get(part) ?? {}, { port: pick(9) })],
    [`add ${part}`, () => state.parts.set(part, { port: pick(9), input: NAMES[0]! })],
    [`drop ${part}`, () => state.parts.size > 1 && state.parts.delete(part)],
    [
      "command before",
      () => Object.assign(state.commands, { before: [`echo ${pick(9)}`].slice(pick(2)) }),
    ],
    [
      "command after",
      () => Object.assign(state.commands, { after: ["true", `echo ${pick(9)}`].slice(pick(3)) }),
    ],
    [
      `hand edit of ${there}`,
      () => existsSync(there) && put(there, (path) => writeFileSync(path, "by hand\n")),
    ],
    [`${there} is gone`, () => staysBroken || rmSync(there, { recursive: true, force: true })],
    [`${there} is a directory`, () => staysBroken || put(there, (path) => mkdirSync(path))],
    ["a part's file is gone", () => rmSync(join(app, "made"), { recursive: true, force: true })],
    ["nothing", () => {}],
  ];
  const [what, change] = mutations[pick(mutations.length)]!;
  change();
  return what;
}

test(`the deployment does what the plan says, after ${COUNT} mutations`, {
  timeout: COUNT * 30_000,
}, async () => {
  const state: State = {
    parts: new Map([["one", { port: 1, input: NAMES[0]! }]]),
    commands: { before: [], after: [] },
  };
  for (const name of NAMES) project.write({ [name]: "first\n" });
  let built = "";
  const pick = random(Number(process.env.HOSTOUT_SEED ?? 1));
  for (let round = 0; round <= COUNT; round++) {
    const flags = round > 0 && pick(5) === 0 ? ["--keep-drift"] : [];
    const change = () => mutate(state, flags.length > 0, pick);
    const done = round === 0 ? ["first"] : Array.from({ length: 1 + pick(3) }, change);
    const options = JSON.stringify(state.commands);
    write(state);
    // Only options of the host are read from the output of bin/buildout.
    if (options !== built) expect((await project.buildout()).status).toBe(0);
    built = options;
    const planned = await project.hostout(...flags, "host1", "plan", "--json");
    const what = `${round}: ${done.join("; ")} ${flags}`;
    expect(planned.status, `${what}\n${planned.stdout}${planned.stderr}`).toBe(0);
    const plan = planOf(planned.stdout);
    const { stdout } = await project.hostout(...flags, "host1", "deploy", "--json");
    expect(stepsOf(stdout), what).toEqual(plan.steps);
    expect({ ...partsPlanned(plan), notes: plan.notes }, what).toEqual({
      ...partsBuilt(stdout),
      notes: [],
    });
  }
  const { status } = await project.hostout("host1", "plan", "--detailed-exitcode");
  expect(status).toBe(0);
});
