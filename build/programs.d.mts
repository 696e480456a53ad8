import type { buildProgram } from "./program.mjs";

/** See programs.mjs. */
export const packaging: Pick<Parameters<typeof buildProgram>[0], "outside" | "options">;
