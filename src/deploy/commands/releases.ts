import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import { type Attempt, formerRelease, isLost } from "../host/history.ts";
import { buildScript } from "../host/release-state.ts";
import type { CommandContext, CommandDefinition, Complaint } from "../run/chain.ts";
import { checkDataVersion } from "./data-version.ts";
import { reportDeployed } from "./deployed.ts";
import { configurationOf } from "./kept-release.ts";
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
      const { current } = await session.facts();
      const { history, kept } = await hostReleases(context);
      const releases = history.attempts.map((attempt) => ({
        ...attempt,
        current: attempt.number === current?.number,
        kept: kept.has(attempt.number),
      }));
      if (releases.length === 0) session.note("No release was deployed yet");
      else session.emit({ type: "table", head: HEAD, rows: releases.map(row) });
      return releases;
    },
  },
  {
    name: "rollback",
    changes: true,
    releases: true,
    description: "Go back to an earlier release that the host keeps",
    arguments: "[NUMBER] [--reason TEXT] [--data-ok]",
    flags: ["--reason", "--data-ok"],
    check: async (words) => rollbackWords(words).complaint,
    help: "NUMBER is a release, or -1 for the good one before the current one, the default. Steps:\nprecommands, the files of the release, its buildout offline, postdeploy. Nothing is uploaded. The\nrelease that is left for an earlier one is marked as bad; TEXT says why. If data-version prints\nsomething else than when the release was deployed, only --data-ok goes back to it.",
    example: "rollback 5 --reason slow",
    source,
    run: (context, args) => rollback(context, rollbackWords(args.map(String))),
  },
];

const HEAD = ["", "RELEASE", "ID", "START", "WHO", "COMMIT", "TOOK", "RESULT"];

function row(attempt: Attempt & { current: boolean; kept: boolean }): string[] {
  const { number, id, start = "", who = "", commit = "", dirty, seconds, result, reason } = attempt;
  return [
    attempt.current ? "*" : "",
    attempt.kept ? `${number}` : `(${number})`,
    id,
    start.replace("T", " "),
    who,
    `${commit.slice(0, 7)}${dirty ? "+" : ""}`,
    seconds === undefined ? "" : `${seconds} s`,
    `${result ?? (isLost(attempt) ? "unknown" : "cut off")}${reason === undefined ? "" : `: ${reason}`}`,
  ];
}

interface RollbackWords {
  /** A release, or `-N`: the Nth good one before the current one. */
  wanted: string;
  reason?: string;
  /** The release can work with the data as they are. */
  dataOk: boolean;
  complaint?: Complaint;
}

function rollbackWords(args: readonly string[]): RollbackWords {
  const words = args.filter((word) => word !== "--");
  const said: RollbackWords = { wanted: "", dataOk: false };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, inline] = /^--reason(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (word.startsWith("--reason") && (inline !== undefined || word === "--reason")) {
      said.reason = inline ?? words.shift() ?? "";
      if (said.reason === "") said.complaint = { message: "'--reason' needs a text.", word };
    } else if (word === "--data-ok") said.dataOk = true;
    else if (said.wanted === "" && /^-?[1-9]\d*$/.test(word)) said.wanted = word;
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
  { wanted, reason, dataOk, complaint }: RollbackWords,
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
  const configuration = await configurationOf(context, target);
  if (!dataOk) await checkDataVersion(context, target);
  await session.noteRelease(id);
  await call("precommands");
  const folders = await deployment.folders();
  if (!(await checkOut(context, number, folders, ""))) {
    throw new BuildoutError("state-damaged", `Release ${number} is damaged on ${options.name}.`, {
      hint: "Go back to another one, or deploy: that sends damaged files again.",
    });
  }
  const leavesBad = number < current.number;
  const args = ["-o"];
  const result = await session.run(
    buildScript(facts.path, { number, id, configuration }, args, {
      shared: usersDiffer(options),
      removed: [],
      notes: {
        done: [
          ...(leavesBad ? [{ number: current.number, result: "bad", reason }] : []),
          {
            ...{ event: "rollback", start: null, who: session.purpose.who },
            ...{ from: current.number, to: number, reason },
          },
        ]
          .map((line) => JSON.stringify(line))
          .join("\n"),
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
  if (leavesBad) session.note(`Release ${current.number} is marked as bad`);
  await reportDeployed(context);
}
