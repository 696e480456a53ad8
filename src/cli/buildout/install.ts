import type { OptionDefinition } from "../../arguments/grammar.ts";
import { install as installParts } from "../../buildout/run/install.ts";
import { planInstall } from "../../buildout/run/plan.ts";
import { BuildoutError } from "../../errors/error.ts";
import { type BuildoutCommand, type CommandCall, EVENTS_OPTION } from "./command.ts";
import { buildoutRequest, loadConfiguration } from "./requests.ts";

const PLAN_OPTION: OptionDefinition = {
  name: "plan",
  long: "plan",
  help: "Show what would happen to each part, but change nothing",
};

const EXITCODE_OPTION: OptionDefinition = {
  name: "detailed-exitcode",
  long: "detailed-exitcode",
  help: "With --plan: exit with 2 if there is something to do",
};

/** Exit status with --detailed-exitcode if a run would do more than update. */
const CHANGES = 2;

export const install: BuildoutCommand = {
  name: "install",
  arguments: "[PART...]",
  options: [EVENTS_OPTION, PLAN_OPTION, EXITCODE_OPTION],
  events: true,
  summary: "Install or update the parts (the default command)",
  details: `Installs the parts of the configuration, updates those that did not change and
removes those that are no longer in it. If PARTs are named, only these are
installed or updated, and nothing is removed. --plan only shows what would happen
to each part, and why; with --detailed-exitcode, the exit status is 2 if that is
more than updates.`,
  example: "install web",
  async run(call) {
    if (call.given.has("plan")) return plan(call);
    if (call.given.has("detailed-exitcode")) {
      throw new BuildoutError("usage", "--detailed-exitcode needs --plan.");
    }
    await installParts(buildoutRequest(await loadConfiguration(call), call), [...call.args]);
    return 0;
  },
};

async function plan(call: CommandCall): Promise<number> {
  const request = buildoutRequest(await loadConfiguration(call), call);
  // Set by a deployment: the buildout directory that this run's directory represents.
  const found = await planInstall(request, call.args, call.environment.env.HOSTOUT_FOR);
  if (call.json) call.environment.report({ type: "plan", ...found });
  else {
    const { planText } = await import("../../report/plan-text.ts");
    call.environment.write(`${planText(found)}\n`);
  }
  const { parts, develop } = found;
  const isCurrent =
    parts.every(({ action }) => action === "update") &&
    develop.added.length + develop.removed.length + develop.asked.length === 0;
  return call.given.has("detailed-exitcode") && !isCurrent ? CHANGES : 0;
}
