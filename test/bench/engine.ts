import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeConfiguration } from "./configurations.ts";
import { alternate, ms, run } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const buildout = join(root, "bin/buildout");
const SLAPOS = join(root, "../shared/corpus/slapos-tree.tar.gz");

/** Commands of `bin/buildout` compared with an empty Node process, all in `cwd`: a row for each. */
function rows(
  what: string,
  cwd: string,
  commands: Record<string, string[]>,
  { rounds, goal, statuses }: { rounds: number; goal: string; statuses?: readonly number[] },
): string[][] {
  const env = { ...process.env, HOME: cwd };
  const start = (args: string[]) => () => {
    run(process.execPath, args, { cwd, env, ...(statuses && { statuses }) });
  };
  const { node, ...times } = alternate(
    {
      node: start(["-e", "0"]),
      ...Object.fromEntries(
        Object.entries(commands).map(([name, args]) => [name, start([buildout, ...args])]),
      ),
    },
    rounds,
  );
  return Object.entries(times).map(([name, time]) => [
    `${name}: ${what}`,
    ms(time),
    `\`node -e 0\`: ${ms(node!)}`,
    `${ms(time - node!)} more`,
    goal,
  ]);
}

/** The real zc.buildout, if there is one: its script is `$ZC_BUILDOUT`. */
const REFERENCE = process.env.ZC_BUILDOUT;
/** What it takes at least on the smallest buildout, measured once: for where there is none. */
const REFERENCE_MS = 1100;

const TEAM = "40 files, 5,000 options";

function teamBuildout(scratch: string): string[][] {
  const cwd = join(scratch, "team");
  const result: string[][] = [];
  for (const parts of [20, 80]) {
    writeConfiguration(cwd, { files: 40, options: 5000, parts });
    run(process.execPath, [buildout], { cwd });
    const commands = {
      ...(parts === 20 && { "`annotate`": ["annotate"], "`config`": ["config"] }),
      "Nothing to do": [],
    };
    const goal = { rounds: 21, goal: "within 100 ms" };
    result.push(...rows(`${TEAM}, ${parts} parts`, cwd, commands, goal));
  }
  return [...result, ...besideReference(cwd)];
}

/** Ours and zc.buildout's on the same files. Its recipes are in Python, so no parts are created. */
function besideReference(cwd: string): string[][] {
  const env = { ...process.env, HOME: cwd };
  const commands = { "`annotate`": ["annotate"], "Nothing to do": ["buildout:parts="] };
  return Object.entries(commands).map(([name, args]) => {
    const { ours, theirs } = alternate(
      {
        ours: () => run(process.execPath, [buildout, ...args], { cwd, env }),
        ...(REFERENCE && { theirs: () => run(REFERENCE, args, { cwd, env }) }),
      },
      9,
    );
    const known = theirs ?? REFERENCE_MS;
    return [
      `${name}: ${TEAM}`,
      ms(ours!),
      `zc.buildout: ${ms(known)}${theirs === undefined ? " at least, measured elsewhere" : ""}`,
      `${(known / ours!).toFixed(1)} times as fast`,
      "ten times as fast",
    ];
  });
}

/** The highest memory usage of a command, in megabytes. */
function peakMemory(scratch: string, cwd: string, args: string[]): number {
  const script = join(scratch, "peak.cjs");
  const file = join(scratch, "peak");
  writeFileSync(
    script,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`,
  );
  run(process.execPath, ["-r", script, buildout, ...args], { cwd });
  return Number(readFileSync(file, "utf8")) / 1024;
}

function largeBuildout(scratch: string): string[][] {
  const cwd = join(scratch, "large");
  writeConfiguration(cwd, { files: 200, options: 100_000, parts: 0 });
  const what = "200 files, 100,000 options";
  const commands = { "`config`": ["config"], "`annotate`": ["annotate"] };
  const peak = Math.max(...Object.values(commands).map((args) => peakMemory(scratch, cwd, args)));
  return [
    ...rows(what, cwd, commands, { rounds: 5, goal: "under 1 s" }),
    [`Memory: ${what}`, `${peak.toFixed(0)} MB`, "", "", "under 300 MB"],
  ];
}

/** `lint` of 100,000 sections that nothing uses, and of a tenth. */
function manySections(scratch: string): string[] {
  const cwd = join(scratch, "sections");
  mkdirSync(cwd);
  const write = (count: number) => {
    const sections = Array.from({ length: count }, (_, at) => `[s${at}]\na = ${at}\nb = \${:a}\n`);
    writeFileSync(join(cwd, `${count}.cfg`), `[buildout]\nparts =\n${sections.join("")}`);
  };
  for (const count of [10_000, 100_000]) write(count);
  const lint = (count: number) => () =>
    run(process.execPath, [buildout, "-c", `${count}.cfg`, "lint"], { cwd });
  const { few, many } = alternate({ few: lint(10_000), many: lint(100_000) }, 9);
  return [
    "`lint`, 100,000 sections",
    ms(many!),
    `10,000: ${ms(few!)}`,
    `ratio ${(many! / few!).toFixed(1)}`,
    "at most 12, under 3 s",
  ];
}

/** Configurations that are extreme in one way each. */
function extremes(scratch: string): string[][] {
  const megabyte = `[buildout]\nparts =\n[a]\nx =\n${"    a line of a long value\n".repeat(40_000)}`;
  const chain = Array.from({ length: 10_000 }, (_, i) => `x${i} = \${:x${i + 1}}`);
  const kinds: Record<string, Record<string, string>> = {
    "a value of 1 MB": { "buildout.cfg": megabyte },
    "10,000 references in a chain": {
      "buildout.cfg": `[buildout]\nparts =\n[a]\n${chain.join("\n")}\nx10000 = end\n`,
    },
    "files that extend each other 500 deep": Object.fromEntries(
      Array.from({ length: 501 }, (_, i) => [
        i === 0 ? "buildout.cfg" : `f${i}.cfg`,
        `[buildout]\n${i < 500 ? `extends = f${i + 1}.cfg` : "parts ="}\n[a]\nx += ${i}\n`,
      ]),
    ),
  };
  return Object.entries(kinds).flatMap(([what, files], index) => {
    const cwd = join(scratch, `extreme-${index}`);
    mkdirSync(cwd);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    return rows(what, cwd, { "`config`": ["config"] }, { rounds: 5, goal: "under 1 s" });
  });
}

function slapos(scratch: string): string[][] {
  if (!existsSync(SLAPOS)) return [];
  const tree = join(scratch, "slapos");
  mkdirSync(tree);
  execFileSync("tar", ["xzf", SLAPOS, "-C", tree]);
  const files = execFileSync("find", [tree, "-regex", ".*/software/[^/]*/software.cfg"], {
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    .sort();
  const erp5 = files.find((file) => file.endsWith("/erp5/software.cfg"))!;
  // `config` ends with 1 if an option cannot be resolved, as many of these cannot before a build.
  const limits = { goal: "within 500 ms", statuses: [0, 1] };
  const commands = (file: string) => ({
    "`annotate`": ["-c", file, "annotate"],
    "`config`": ["-c", file, "config"],
    "`annotate --json`": ["-c", file, "annotate", "--json"],
  });
  const env = { ...process.env, HOME: tree };
  const once = (file: string) => {
    const start = performance.now();
    const args = [buildout, "-c", file, "annotate"];
    const { status } = spawnSync(process.execPath, args, { cwd: tree, env, stdio: "ignore" });
    // Some extend files that are only on the network.
    return status === 0 ? performance.now() - start : 0;
  };
  const times = files.map((file) => ({ file, time: once(file) })).filter(({ time }) => time > 0);
  const [slowest] = times.sort((a, b) => b.time - a.time);
  const name = slowest!.file.split("/").at(-2);
  return [
    ...rows("SlapOS, 77 files on thousands of paths", tree, commands(erp5), {
      rounds: 5,
      ...limits,
    }),
    ...rows(`${name}, the slowest of ${times.length} of SlapOS`, tree, commands(slowest!.file), {
      rounds: 3,
      ...limits,
    }),
  ];
}

/** Whole processes on a team's configurations, very large ones, and deep diamonds. */
export function benchEngine(): string[][] {
  const scratch = mkdtempSync(join(tmpdir(), "hostout-bench-"));
  try {
    return [
      ...teamBuildout(scratch),
      ...slapos(scratch),
      ...largeBuildout(scratch),
      manySections(scratch),
      ...extremes(scratch),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
