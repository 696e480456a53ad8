// Deployments with faults at random points, each followed by one without a fault. `npm run faults` tries a
// thousand; HOSTOUT_FAULTS sets their number, HOSTOUT_FAULTS_SEED selects them.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChangingProject } from "../support/changing-project.ts";
import { numbers } from "../support/numbers.ts";
import { pollFiles } from "../support/poller.ts";
import { type CuttingProxy, cuttingProxy } from "../support/proxy.ts";
import { usersMissing } from "../support/servers.ts";
import { differences } from "../support/tree.ts";
import { FAULTS, type Fault, type Usual } from "./faults.ts";
import { FaultyHost } from "./host.ts";

const VERSIONS = [1, 2, 3];
const COUNT = Number(process.env.HOSTOUT_FAULTS ?? 60);
const SEED = Number(process.env.HOSTOUT_FAULTS_SEED ?? 1);
const SHOWN = process.env.HOSTOUT_FAULTS !== undefined;
const MINUTES = 60_000;

/** The state before a deployment, its commands, and the version that is deployed next. */
interface Situation {
  name: string;
  /** Versions that were deployed before. */
  before: readonly number[];
  /** The version of the project while `words` run. */
  version: number;
  words: readonly string[];
  /** Whether the caches have the distributions of all versions. */
  cached: boolean;
  /** Each release has a directory of its own. */
  atomic?: true;
  /** Of how many runs it is one. */
  weight: number;
}

const deploy = ["deploy"];
const cleanup = ["cleanup", "--keep", "1"];
const SITUATIONS: readonly Situation[] = [
  { name: "a first deployment", before: [], version: 1, words: deploy, cached: true, weight: 6 },
  {
    name: "a first deployment, empty caches",
    before: [],
    version: 1,
    words: deploy,
    cached: false,
    weight: 1,
  },
  { name: "a redeployment", before: [1], version: 2, words: deploy, cached: true, weight: 8 },
  {
    name: "one that removes a release",
    before: [1, 2],
    version: 3,
    words: deploy,
    cached: true,
    weight: 3,
  },
  { name: "a rollback", before: [1, 2], version: 2, words: ["rollback"], cached: true, weight: 6 },
  { name: "a cleanup", before: [1, 2], version: 2, words: cleanup, cached: true, weight: 3 },
  ...(
    [
      { name: "a first deployment, atomic", before: [], version: 1, words: deploy, weight: 2 },
      { name: "a redeployment, atomic", before: [1], version: 2, words: deploy, weight: 6 },
      {
        name: "one that removes a release, atomic",
        before: [1, 2],
        version: 3,
        words: deploy,
        weight: 3,
      },
      { name: "a rollback, atomic", before: [1, 2], version: 2, words: ["rollback"], weight: 3 },
      { name: "a cleanup, atomic", before: [1, 2], version: 2, words: cleanup, weight: 2 },
    ] as const
  ).map((one) => ({ ...one, cached: true, atomic: true }) as const),
];

/** Files of every release, read all the time by a reader. */
const READ = ["bin/buildout", "bin/demo", "files/same", "parts/page/index.html", ".installed.cfg"];

/** The same in place, where a buildout removes parts to reinstall them. */
const IN_PLACE = ["bin/buildout", "files/same", ".installed.cfg"];

/** Files that belong to no release, or contain the time. */
const beside = (path: string) => path === ".hostout" || path.endsWith("/__pycache__");

/** The record of installed parts, which grows with each part, and names that are not final. */
const IN_BETWEEN = /^\.installed\.cfg(\.pending)?$|\/\.installing-/;

describe.skipIf(usersMissing)("after a fault", () => {
  let host: FaultyHost;
  let proxy: CuttingProxy;
  let project: ChangingProject;
  /** Folders with copies of the disk, by the versions that were deployed, whether caches are full, and how. */
  const disks = new Map<string, string>();
  /** The files left by a deployment of each version to an empty host, in place and atomic. */
  const clean = {
    host1: new Map<number, Map<string, string>>(),
    host2: new Map<number, Map<string, string>>(),
  };
  const usual = new Map<Situation, Usual>();
  const scratch = () => join(project.scratch, "disks");
  const hostOf = ({ atomic }: Pick<Situation, "atomic">) => (atomic ? "host2" : "host1");
  const disk = (situation: Situation) =>
    disks.get(`${situation.before} ${situation.cached} ${hostOf(situation)}`);
  const tree = (name: "host1" | "host2") =>
    name === "host1" ? host.tree("app", beside) : host.currentTree("app", beside);

  async function succeed(...words: string[]): Promise<void> {
    const { status, stdout, stderr } = await project.hostout(...words);
    if (status !== 0) throw new Error(`${words.join(" ")}: ${status}\n${stdout}\n${stderr}`);
  }

  beforeAll(async () => {
    host = await FaultyHost.start();
    proxy = await cuttingProxy(host.server.port);
    project = await ChangingProject.make(
      { ...host.server, port: proxy.port },
      {
        path: join(host.disk, "app"),
        "buildout-cache": join(host.disk, "cache"),
        "keep-releases": "2",
      },
      { atomic: "true" },
    );
    for (const version of VERSIONS) {
      project.become(version);
      await succeed("host1", "deploy");
    }
    host.run("rm -rf app");
    const full = host.keep(join(scratch(), "full"));
    for (const name of ["host1", "host2"] as const) {
      disks.set(` true ${name}`, full);
      for (const version of VERSIONS) {
        host.restore(full);
        project.become(version);
        await succeed(name, "deploy");
        clean[name].set(version, tree(name));
      }
      host.restore(full);
      for (const version of [1, 2]) {
        project.become(version);
        await succeed(name, "deploy");
        const before = `${VERSIONS.slice(0, version)} true ${name}`;
        disks.set(before, host.keep(join(scratch(), `after-${version}-${name}`)));
      }
    }
    for (const situation of SITUATIONS) usual.set(situation, await measure(situation));
  }, 15 * MINUTES);

  afterAll(async () => {
    await proxy?.close();
    await host?.close();
    project?.remove();
  });

  /** Runs the situation without a fault. */
  async function measure(situation: Situation): Promise<Usual> {
    host.restore(disk(situation));
    project.become(situation.version);
    const before = host.used();
    proxy.passed();
    const begin = performance.now();
    await succeed(hostOf(situation), ...situation.words);
    const milliseconds = performance.now() - begin;
    const after = host.used();
    return {
      milliseconds,
      // A cleanup leaves less on the disk.
      bytes: Math.max(0, after.bytes - before.bytes),
      files: Math.max(0, after.files - before.files),
      sent: proxy.passed(),
    };
  }

  /** Files that have neither the content of before nor that of after. */
  function halfWritten({ before, version, atomic }: Situation): string[] {
    const known = [...before, version].map((one) => clean[hostOf({ atomic })].get(one)!);
    if (atomic) {
      // All of the one, or all of the other.
      const now = tree("host2");
      if (before.length === 0 && now.size === 0) return [];
      const others = known.map((one) => differences(now, one));
      return others.find((one) => one.length === 0) ?? others[0]!;
    }
    return [...host.tree("app", beside)].flatMap(([path, content]) =>
      IN_BETWEEN.test(path) || known.some((tree) => tree.get(path) === content)
        ? []
        : [`${path} ${content}`],
    );
  }

  /** Runs one deployment that is hurt, and the next one. */
  async function hurt(fault: Fault, seed: number) {
    const random = numbers(seed);
    const situation = someOf(random);
    host.restore(disk(situation));
    project.become(situation.version);
    const scene = { host, proxy, usual: usual.get(situation)!, random };
    fault.prepare?.(scene);
    const name = hostOf(situation);
    const read = situation.atomic ? READ.map((file) => `current/${file}`) : IN_PLACE;
    const files = situation.before.length === 0 ? [] : read;
    const poller = await pollFiles(files.map((file) => host.file(`app/${file}`)));
    try {
      const deployer = project.startHostout(name, ...situation.words);
      await Promise.all([fault.strike?.({ ...scene, deployer }), deployer.outcome]);
      const outcome = await deployer.outcome;
      const about = `seed ${seed}: ${fault.name} in ${situation.name}: ${outcome.status}`;
      const seen = () => `${about}\n${JSON.stringify(outcome, undefined, 1)}`;
      host.heal();
      proxy.cutAfter(Number.POSITIVE_INFINITY);
      await host.quiet();
      if (/^ {4}at .*\.[jt]s:\d+/m.test(outcome.stderr)) throw new Error(`a stack\n${seen()}`);
      const half = halfWritten(situation);
      if (half.length > 0) throw new Error(`half written: ${half.join(", ")}\n${seen()}`);
      const next = await project.hostout(name, "deploy");
      const { missed } = await poller.stop();
      const both = () => `${seen()}\n${JSON.stringify(next, undefined, 1)}`;
      if (next.status !== 0) throw new Error(`the next deployment failed\n${both()}`);
      if (missed.length > 0) throw new Error(`a reader missed ${missed.join(", ")}\n${both()}`);
      const wrong = differences(tree(name), clean[name].get(situation.version)!);
      if (wrong.length > 0) throw new Error(`another tree: ${wrong.join(", ")}\n${both()}`);
      return { status: outcome.status, about };
    } finally {
      poller.kill();
    }
  }

  function someOf(random: () => number): Situation {
    const total = SITUATIONS.reduce((sum, { weight }) => sum + weight, 0);
    let left = random() * total;
    return SITUATIONS.find(({ weight }) => {
      left -= weight;
      return left < 0;
    })!;
  }

  test(
    `the next deployment succeeds, and leaves what a clean one does (${COUNT} times from ${SEED})`,
    async () => {
      const hits = new Map<string, number>();
      const failures: string[] = [];
      for (let at = 0; at < COUNT; at++) {
        const fault = FAULTS[(SEED + at) % FAULTS.length]!;
        const outcome = await hurt(fault, SEED + at).catch((error: Error) => error);
        if (outcome instanceof Error) failures.push(outcome.message);
        else if (outcome.status !== 0) hits.set(fault.name, (hits.get(fault.name) ?? 0) + 1);
        if (SHOWN) console.log(outcome instanceof Error ? outcome.message : outcome.about);
      }
      if (SHOWN) console.log(`${COUNT - failures.length} of ${COUNT};`, Object.fromEntries(hits));
      expect(failures).toEqual([]);
      // Faults that never hurt would prove nothing.
      expect(hits.size).toBeGreaterThan(Math.min(COUNT, FAULTS.length) / 2);
    },
    (5 + COUNT) * MINUTES,
  );
});
