import type { CommandDefinition } from "../chain.ts";
import { bootstrapCommands } from "./bootstrap.ts";
import { deployCommands } from "./deploy.ts";
import { shellCommands } from "./shell.ts";

/** The command set that every host has. */
export const builtinCommands: CommandDefinition[] = [
  ...bootstrapCommands,
  ...deployCommands,
  ...shellCommands,
];
