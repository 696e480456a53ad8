import { join } from "node:path";
import { load } from "./start/load.ts";

const { main: run } = load<typeof import("./hostout/main.ts")>(
  join(__dirname, "../programs/hostout.js"),
  require,
);

/** What `bin/hostout` calls with its arguments; see `runHostout`. */
export const main = run;
