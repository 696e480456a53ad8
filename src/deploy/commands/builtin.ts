import type { CommandDefinition } from "../run/chain.ts";
import { auditCommand } from "./audit.ts";
import { bootscriptCommands } from "./bootscript.ts";
import { bootstrapCommands } from "./bootstrap.ts";
import { bootstrapNodeCommands } from "./bootstrap-node.ts";
import { bootstrapPythonCommands } from "./bootstrap-python.ts";
import { cleanupCommand } from "./cleanup.ts";
import { deployCommands } from "./deploy.ts";
import { diffCommand } from "./diff.ts";
import { downloadCommand } from "./download-release.ts";
import { hostOsCommands } from "./host-os.ts";
import { hotfixCommands } from "./hotfix.ts";
import { lockCommands } from "./lock-command.ts";
import { logsCommand } from "./logs.ts";
import { planCommand } from "./plan.ts";
import { releasesCommands } from "./releases.ts";
import { ownersCommands } from "./setowners.ts";
import { shellCommands } from "./shell.ts";
import { sshCommand } from "./ssh.ts";
import { sshSettingsCommands } from "./ssh-settings.ts";
import { statusCommand } from "./status.ts";
import { usersCommands } from "./users.ts";
import { verifyCommand } from "./verify.ts";

/** The command set that every host has. */
export const builtinCommands: CommandDefinition[] = [
  auditCommand,
  ...bootscriptCommands,
  ...bootstrapCommands,
  ...bootstrapNodeCommands,
  ...bootstrapPythonCommands,
  cleanupCommand,
  ...deployCommands,
  diffCommand,
  downloadCommand,
  ...hostOsCommands,
  ...hotfixCommands,
  ...lockCommands,
  logsCommand,
  ...ownersCommands,
  planCommand,
  ...releasesCommands,
  ...shellCommands,
  sshCommand,
  ...sshSettingsCommands,
  statusCommand,
  ...usersCommands,
  verifyCommand,
];
