import { BuildoutError } from "../../errors/error.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { makeFoldersScript } from "../host/root-program.ts";
import {
  type PackedEngine,
  runSetUp,
  SetUp,
  type SetUpFailure,
  setUpScript,
} from "../host/set-up.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { owners } from "./users.ts";

/**
 * Creates the buildout directory and the caches, with sudo if the buildout user lacks permission; acquires the lock,
 * and installs an `engine` if there is one.
 */
export async function makeFolders(context: CommandContext, engine?: PackedEngine): Promise<void> {
  const { session, options } = context;
  const { path, cache } = await session.facts();
  const { user } = await session.buildoutConnection();
  const first = await setUp(context, engine);
  if (first === undefined) return;
  const problem = failed(`Making ${path}`, first.result);
  if (problem.code === "remote-disk-full") throw problem;
  const notWritable = (output: string) =>
    new BuildoutError(
      "remote-not-writable",
      `${user} cannot create or write ${path} and ${cache} on ${options.host}.`,
      {
        output: output.trim(),
        hint: "Choose another 'path' or 'buildout-cache', or a 'user' who may use sudo.",
      },
    );
  const { stderr } = first.result;
  if (options.noSudo) throw notWritable(stderr);
  const { group } = await owners(context);
  const made = await session.sudo(makeFoldersScript(user, group, [path, cache]), {
    cwd: null,
    label: `# create ${quoteAll([path, cache])} for ${user}`,
  });
  if (made.code !== 0) throw notWritable(`${stderr}${made.stderr}`);
  const second = await setUp(context, engine);
  if (second !== undefined) throw failed(`Making ${path} and ${cache}`, second.result);
}

/** One attempt. Returns the failure if the directories cannot be made. */
async function setUp(
  context: CommandContext,
  engine: PackedEngine | undefined,
): Promise<SetUpFailure | undefined> {
  const { session } = context;
  const { path, cache } = await session.facts();
  const attempt = newSetUp(context, path, engine);
  // One command for this and the lock, unless the session has it.
  await session.lock(attempt);
  if (!attempt.hasRun) {
    const connection = await session.buildoutConnection();
    await runSetUp(connection, setUpScript(path, cache, engine), attempt, session.signal);
  }
  const { failure } = attempt;
  if (failure?.stage === "unmade") return failure;
  succeed(attempt);
  const facts = await session.facts();
  facts.exists = true;
  facts.usesCache ||= attempt.usesCache;
  if (engine !== undefined) {
    facts.engine = engine.name;
    facts.hasBuildout = true;
  }
  return undefined;
}

export function newSetUp(
  { session }: CommandContext,
  path: string,
  engine: PackedEngine | undefined,
): SetUp {
  return new SetUp(engine, (stage) => {
    if (stage === "sending") session.note(`Installing the buildout engine into ${path}`);
    else if (stage === "installing" && engine !== undefined) {
      const bytes = engine.packed.length;
      session.emit({ type: "transfer", name: engine.name, bytes, total: bytes });
    }
  });
}

/** Throws if the engine was not installed. */
export function succeed({ failure }: SetUp): void {
  if (failure === undefined) return;
  const what = failure.stage === "sending" ? "Sending" : "Installing";
  throw failed(`${what} the buildout engine`, failure.result);
}
