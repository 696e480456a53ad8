// Plans for hosts in a state that current deployments do not leave: the deployment does what they say.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TestProject } from "../support/deploy-project.ts";
import { startPageHost } from "../support/page-host.ts";
import { partsBuilt, partsPlanned, planOf, stepsOf } from "../support/plan-events.ts";
import { programsWithoutTar } from "../support/programs.ts";
import type { TestServer } from "../support/servers.ts";
import { picture } from "../support/tree-picture.ts";

let server: TestServer;
let project: TestProject;
let app: string;
let close: (() => Promise<void>) | undefined;

beforeEach(async () => {
  ({ server, project, app, close } = await startPageHost({ "files/page.in": "one\n" }));
  project.writeHost(server, { include: "files" });
  expect((await project.buildout()).status).toBe(0);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await close?.();
});

/** Plans, checks that the host has not changed, and deploys. Compares the two if they must agree. */
async function planAndDeploy() {
  const before = picture(server.home);
  const planned = await project.hostout("host1", "plan", "--json");
  expect(planned.status, planned.stdout + planned.stderr).toBe(0);
  expect(picture(server.home)).toEqual(before);
  const plan = planOf(planned.stdout);
  const { stdout, stderr } = await project.hostout("host1", "deploy", "--json");
  expect(stepsOf(stdout), stderr).toEqual(plan.steps);
  const [, bytes] = /"type":"deployed".*"bytes":(\d+)/.exec(stdout)!;
  expect(plan.bytes).toBe(Number(bytes));
  return { plan, built: partsBuilt(stdout) };
}

/** The content of an engine whose compressed texts are changed by `edit`. */
function withTexts(engine: string, edit: (text: string) => string): string {
  return readFileSync(engine, "latin1").replace(/^(\/\/\w+:)(.+)$/gm, (_, name, compressed) => {
    const text = brotliDecompressSync(Buffer.from(compressed, "base64")).toString();
    return `${name}${brotliCompressSync(edit(text)).toString("base64")}`;
  });
}

/** Installs the engine of an earlier version, which has other signatures for its parts. */
function makeOlder(): void {
  const state = join(app, ".hostout");
  const own = readFileSync(join(state, "engine"), "utf8").trim();
  const older = "engine-000000000000.cjs";
  const edit = (file: string, from: string, to: string) => {
    const text = readFileSync(file, "utf8");
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  };
  const [signed, before] = ["-native.", "-earlier."];
  writeFileSync(
    join(state, older),
    withTexts(join(state, own), (text) => text.replaceAll(signed, before)),
  );
  writeFileSync(join(state, "engine"), `${older}\n`);
  rmSync(join(state, own));
  writeFileSync(join(app, "bin/buildout"), edit(join(app, "bin/buildout"), own, older));
  writeFileSync(join(app, ".installed.cfg"), edit(join(app, ".installed.cfg"), signed, before));
}

test("of an older engine: the one that is installed first plans", async () => {
  await planAndDeploy();
  makeOlder();
  const { plan, built } = await planAndDeploy();
  expect(plan.steps.map(({ step }) => step)).toEqual(["engine", "build"]);
  expect(plan.parts).toMatchObject([{ action: "reinstall", part: "page", recipeChanged: true }]);
  expect(partsPlanned(plan)).toEqual(built);
  makeOlder();
  project.write({ "files/page.in": "two\n" });
  const second = await planAndDeploy();
  expect(second.plan.steps.map(({ step }) => step)).toEqual(["engine", "release", "build"]);
  expect(partsPlanned(second.plan)).toEqual(second.built);
  const last = await planAndDeploy();
  expect([last.plan.changes, last.plan.steps.length]).toEqual([false, 0]);
});

test("without tar: parts are known if the host has all files", async () => {
  vi.stubEnv("PATH", programsWithoutTar(project.scratch));
  const first = await planAndDeploy();
  expect(first.plan.parts).toEqual([
    { action: "install", part: "page", recipe: "collective.recipe.template" },
  ]);
  const same = await planAndDeploy();
  expect([same.plan.changes, same.plan.bytes, same.plan.notes]).toEqual([false, 0, []]);
  expect(partsPlanned(same.plan)).toEqual(same.built);
  rmSync(join(app, "parts/page"), { recursive: true });
  const repaired = await planAndDeploy();
  expect([repaired.plan.changes, partsPlanned(repaired.plan)]).toEqual([true, repaired.built]);
  project.write({ "files/page.in": "two\n" });
  const { plan } = await planAndDeploy();
  expect([plan.changes, plan.parts, plan.notes]).toEqual([
    true,
    [],
    ["What happens to the parts is not known yet: the host has no tar."],
  ]);
});
