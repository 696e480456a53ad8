/** The public API for authors of fabfiles: `import { api, task } from "hostout/fabfile"`. */

export { api } from "./deploy/fabfile/api.ts";
export type { ReleaseContents } from "./deploy/fabfile/release-contents.ts";
export type { CommandResult } from "./deploy/fabfile/result.ts";
export { parallel, serial, task } from "./deploy/fabfile/task.ts";
export { BuildoutError } from "./errors/error.ts";
export { quote } from "./ssh/commands/quote.ts";
