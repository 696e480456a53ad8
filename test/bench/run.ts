// `npm run bench`: prints the rows of the README's table.
import { cpus } from "node:os";
import { indexMissing } from "../support/index-server.ts";
import { sshdMissing } from "../support/servers.ts";
import { benchEngine } from "./engine.ts";
import { benchPython } from "./python.ts";
import { benchReleases } from "./releases.ts";
import { benchStartup } from "./startup.ts";
import { benchTransfer } from "./transfer.ts";

const rows = [...benchStartup(), ...benchEngine()];
if (sshdMissing === undefined) rows.push(...(await benchTransfer()));
else console.error(`Skipped: ${sshdMissing}`);
if (indexMissing === undefined) rows.push(...(await benchPython()));
else console.error(`Skipped: ${indexMissing}`);

rows.push(...(await benchReleases()));

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}\n`,
);
console.log("| what | ours | beside it | | goal |\n| --- | --- | --- | --- | --- |");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
