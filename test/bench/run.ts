// `npm run bench [-- --check] [NAME...]`: prints the rows of the table in docs/performance.md, or those of
// the parts NAMEd. With --check, the status is 1 if a ratio exceeds its goal by more than a quarter.
import { cpus } from "node:os";
import { indexMissing } from "../support/index-server.ts";
import { sshdMissing } from "../support/servers.ts";
import { benchEngine } from "./engine.ts";
import { benchFleet, FLEET_PARTS } from "./fleet.ts";
import { benchLines } from "./lines.ts";
import { misses } from "./measure.ts";
import { benchPython } from "./python.ts";
import { benchReleases } from "./releases.ts";
import { benchStartup } from "./startup.ts";
import { benchTransfer } from "./transfer.ts";

const PARTS: Record<string, { missing?: string; rows: () => string[][] | Promise<string[][]> }> = {
  startup: { rows: benchStartup },
  engine: { rows: benchEngine },
  transfer: { missing: sshdMissing, rows: benchTransfer },
  lines: { missing: sshdMissing, rows: benchLines },
  python: { missing: indexMissing, rows: benchPython },
  releases: { rows: benchReleases },
  ...Object.fromEntries(
    (Object.keys(FLEET_PARTS) as (keyof typeof FLEET_PARTS)[]).map((name) => [
      name,
      { missing: sshdMissing, rows: () => benchFleet(name) },
    ]),
  ),
};

const isCheck = process.argv.includes("--check");
const named = process.argv.slice(2).filter((word) => word !== "--check");
const unknown = named.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  throw new Error(`No part is '${unknown}': ${Object.keys(PARTS).join(", ")}`);
}
const rows: string[][] = [];
for (const name of named.length > 0 ? named : Object.keys(PARTS)) {
  const part = PARTS[name]!;
  if (part.missing === undefined) rows.push(...(await part.rows()));
  else console.error(`Skipped: ${part.missing}`);
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}\n`,
);
console.log("| what | ours | compared with | | goal |\n| --- | --- | --- | --- | --- |");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);

const missed = rows.filter(misses);
for (const [what, , , ratio, goal] of isCheck ? missed : []) {
  console.error(`${what}: ${ratio}, wanted ${goal}`);
  process.exitCode = 1;
}
