import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeConfiguration } from "./configurations.ts";
import { alternate, ms, run } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const buildout = join(root, "bin/buildout");
const SLAPOS = join(root, "../shared/corpus/slapos-tree.tar.gz");

/** Commands of `bin/buildout` beside an empty Node process, all in `cwd`: a row for each. */
function rows(
  what: string,
  cwd: string,
  commands: Record<string, string[]>,
  { rounds, goal }: { rounds: number; goal: string },
): string[][] {
  const env = { ...process.env, HOME: cwd };
  const start = (args: string[]) => () => {
    run(process.execPath, args, { cwd, env });
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

function teamBuildout(scratch: string): string[][] {
  const cwd = join(scratch, "team");
  writeConfiguration(cwd, { files: 40, options: 5000, parts: 20 });
  run(process.execPath, [buildout], { cwd });
  const commands = {
    "`annotate`": ["annotate"],
    "`config`": ["config"],
    "Nothing to do": [],
  };
  return rows("40 files, 5,000 options, 20 parts", cwd, commands, {
    rounds: 21,
    goal: "within 100 ms",
  });
}

function largeBuildout(scratch: string): string[][] {
  const cwd = join(scratch, "large");
  writeConfiguration(cwd, { files: 200, options: 100_000, parts: 0 });
  const commands = { "`config`": ["config"] };
  return rows("200 files, 100,000 options", cwd, commands, { rounds: 5, goal: "under 1 s" });
}

function slapos(scratch: string): string[][] {
  if (!existsSync(SLAPOS)) return [];
  const tree = join(scratch, "slapos");
  mkdirSync(tree);
  execFileSync("tar", ["xzf", SLAPOS, "-C", tree]);
  const file = execFileSync("find", [tree, "-path", "*/software/erp5/software.cfg"], {
    encoding: "utf8",
  }).trim();
  const commands = {
    "`annotate`": ["-c", file, "annotate"],
    "`config`": ["-c", file, "config"],
  };
  return rows("SlapOS, 77 files on thousands of paths", tree, commands, {
    rounds: 5,
    goal: "within 500 ms",
  });
}

/** Whole processes on configurations of a team, a very large one, and one of deep diamonds. */
export function benchEngine(): string[][] {
  const scratch = mkdtempSync(join(tmpdir(), "hostout-bench-"));
  try {
    return [...teamBuildout(scratch), ...slapos(scratch), ...largeBuildout(scratch)];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
