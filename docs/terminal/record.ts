// `npm run docs:record`: keeps what `npm run demo` prints now. `npm run docs` makes the pictures from it.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recording } from "./recording.ts";

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const output = execFileSync(process.execPath, [file("fixtures/demo.mjs")], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
});
writeFileSync(file("docs/images/terminal.txt"), recording(output));
