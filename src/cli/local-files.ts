import { join } from "node:path";
import { load } from "./start/load.ts";

// Runs in a thread: see `readLocalFilesAside`.
load(join(__dirname, "../programs/local-files.js"), require);
