export { connect } from "./connect.ts";
export { HostConnection } from "./connection.ts";
export type { ExecOptions, ExecResult } from "./exec.ts";
export { quote, quoteAll, quotePath } from "./quote.ts";
export { resolveTarget } from "./resolve.ts";
export type { SudoOptions } from "./sudo.ts";
export { type HostTarget, type Interaction, label, type ResolvedTarget } from "./target.ts";
export type { PutOptions } from "./upload.ts";
