import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import { type Attempt, formerRelease } from "../host/history.ts";
import { buildScript } from "../host/release-state.ts";
import { configurationName } from "../release/release.ts";
import type { CommandContext, CommandDefinition, Complaint } from "../run/chain.ts";
import { checkOut, hostReleases, repairState } from "./upload.ts";
import { usersDiffer } from "./users.ts";

const source = "collective.hostout";

export const releasesCommands: CommandDefinition[] = [
  {
    name: "releases",
    releases: true,
    description: "List the releases of the host",
    arguments: "none",
    help: "An asterisk marks the current one. The files of those in parentheses are not kept.",
    source,
    async run(context) {
      const { session } = context;
      const facts = await session.facts();
      const { history, kept } = await hostReleases(context);
      for (const attempt of history.attempts) {
        session.note(row(attempt, facts.current?.number, kept.has(attempt.number)));
      }
      if (history.attempts.length === 0) session.note("No release was deployed yet");
      return history.attempts;
    },
  },
  {
    name: "rollback",
    changes: true,
    releases: true,
    description: "Go back to an earlier release that the host keeps",
    arguments: "[NUMBER] [--reason TEXT]",
    flags: ["--reason"],
    check: async (words) => rollbackWords(words).complaint,
    help: "NUMBER is a release, or -1 for the good one before the current one, the default. Steps:\nprecommands, the files of the release, its buildout offline, postdeploy. Nothing is uploaded. The\nrelease that is left for an earlier one is marked as bad; TEXT says why.",
    example: "rollback 5 --reason slow",
    source,
    run: (context, args) => rollback(context, rollbackWords(args.map(String))),
  },
];

function row(attempt: Attempt, current: number | undefined, isKept: boolean): string {
  const { number, id, start = "", who = "", commit = "", dirty, seconds, result, reason } = attempt;
  const name = isKept ? `${number}` : `(${number})`;
  return [
    number === current ? "*" : " ",
    name.padStart(6),
    id,
    start.replace("T", " ").padEnd(20),
    who.padEnd(20),
    `${commit.slice(0, 7)}${dirty ? "+" : ""}`.padEnd(8),
    seconds === undefined || seconds === null ? "".padStart(6) : `${seconds} s`.padStart(6),
    `${result ?? "cut off"}${reason === undefined ? "" : `: ${reason}`}`,
  ].join(" ");
}

interface RollbackWords {
  /** A release, or `-N`: the Nth good one before the current one. */
  wanted: string;
  reason?: string;
  complaint?: Complaint;
}

function rollbackWords(args: readonly string[]): RollbackWords {
  const words = args.filter((word) => word !== "--");
  const said: RollbackWords = { wanted: "" };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, inline] = /^--reason(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (word.startsWith("--reason") && (inline !== undefined || word === "--reason")) {
      said.reason = inline ?? words.shift() ?? "";
      if (said.reason === "") said.complaint = { message: "'--reason' needs a text.", word };
    } else if (said.wanted === "" && /^-?[1-9]\d*$/.test(word)) said.wanted = word;
    else {
      const lacks = word.startsWith("-") ? "has no option" : "takes no more arguments:";
      const message = word === "" ? "takes no empty argument." : `${lacks} '${word}'.`;
      said.complaint ??= { message: `'rollback' ${message}`, word };
    }
  }
  return { ...said, wanted: said.wanted || "-1" };
}

async function rollback(
  context: CommandContext,
  { wanted, reason, complaint }: RollbackWords,
): Promise<void> {
  const { session, deployment, options, call } = context;
  if (complaint !== undefined) throw new BuildoutError("usage", complaint.message);
  await repairState(context);
  const facts = await session.facts();
  const { current } = facts;
  const { history, kept } = await hostReleases(context);
  const numbers = [...kept.keys()];
  const target = wanted.startsWith("-")
    ? formerRelease(history, numbers, current?.number ?? 0, -Number(wanted))
    : history.attempts.find(({ number }) => String(number) === wanted && kept.has(number));
  if (target === undefined || current === undefined || target.number === current.number) {
    throw new BuildoutError(
      "no-release",
      `${options.name} has no release '${wanted}' to go back to.`,
      {
        hint: `Run 'bin/hostout ${options.name} releases' to see those that it has.`,
      },
    );
  }
  const { number, id } = target;
  // Those of today: what the release was built with is nowhere kept.
  const input = secretsInput(await deployment.secrets(target.secrets));
  await session.noteRelease(id);
  await call("precommands");
  const folders = await deployment.folders();
  if (!(await checkOut(context, number, folders, ""))) {
    throw new BuildoutError("state-damaged", `Release ${number} is damaged on ${options.name}.`, {
      hint: "Go back to another one, or deploy: that sends damaged files again.",
    });
  }
  const configuration = configurationName(options.name, id);
  const leavesBad = number < current.number;
  const args = ["-o"];
  const result = await session.run(
    buildScript(facts.path, { number, id, configuration }, args, {
      shared: usersDiffer(options),
      removed: [],
      notes: {
        done: leavesBad ? JSON.stringify({ number: current.number, result: "bad", reason }) : "",
        failed: "",
      },
    }),
    { cwd: null, label: ["bin/buildout", "-c", configuration, ...args].join(" "), input },
  );
  session.forget();
  if (result.code !== 0) {
    throw new BuildoutError(
      "remote-buildout-failed",
      `The buildout of release ${number} on ${options.host} failed with status ${result.code ?? result.signal}.`,
      { hint: `The files of release ${current.number} (${current.id}) are back in place.` },
    );
  }
  await call("postdeploy");
  const left = leavesBad ? `; release ${current.number} is marked as bad` : "";
  session.note(`${options.name} is at release ${number} (${id})${left}`);
}
