import { join } from "node:path";
import { load } from "./start/load.ts";

// The program of a thread: see `readLocalFilesAside`.
load(join(__dirname, "../programs/local-files.js"), require);
