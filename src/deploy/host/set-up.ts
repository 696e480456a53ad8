/** What a buildout directory on a host needs before its first release. */
import type { ExecResult } from "../../ssh/commands/exec.ts";
import { asFunction, shellProgram } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { outputLines } from "./output-lines.ts";
import cacheFunctions from "./programs/cache-functions.sh?raw";
import installEngine from "./programs/install-engine.sh?raw";
import ownFolders from "./programs/own-folders.sh?raw";
import setUp from "./programs/set-up.sh?raw";
import setUpFunctions from "./programs/set-up-functions.sh?raw";
import useCache from "./programs/use-cache.sh?raw";

/** An engine for a host. */
export interface PackedEngine {
  /** Its file on the host. */
  name: string;
  /** The file, compressed with gzip. */
  packed: Buffer;
  /** The text of bin/buildout, which starts it. */
  launcher: string;
}

/** What the programs print: the directories cannot be made, or what they do next with the engine. */
export type Stage = "unmade" | "sending" | "installing";

/** A failed attempt, with the program's result. */
export interface SetUpFailure {
  stage: Stage;
  result: ExecResult;
}

/** One attempt to set up a directory. */
export class SetUp {
  /** To install it, too. */
  readonly engine: PackedEngine | undefined;
  /** A program has done it, or failed. */
  hasRun = false;
  /** It has recorded that the directory uses its cache. */
  usesCache = false;
  failure: SetUpFailure | undefined;
  /** The last one that the program has printed. */
  stage: Stage | undefined;
  readonly #onStage: (stage: Stage) => void;

  constructor(engine: PackedEngine | undefined, onStage: (stage: Stage) => void) {
    this.engine = engine;
    this.#onStage = onStage;
  }

  /** Called for the lines that a program prints. */
  readonly reactions: Readonly<Record<string, () => void>> = {
    cached: () => {
      this.usesCache = true;
    },
    unmade: () => this.#reach("unmade"),
    sending: () => this.#reach("sending"),
    installing: () => this.#reach("installing"),
  };

  #reach(stage: Stage): void {
    this.stage = stage;
    this.#onStage(stage);
  }

  /** Notes the end of the program. */
  end(result?: ExecResult): void {
    this.hasRun = true;
    if (result && result.code !== 0) this.failure = { stage: this.stage ?? "installing", result };
  }
}

/** The functions of programs/set-up-functions.sh; cache-functions.sh must come before them. */
export const SET_UP_FUNCTIONS = [
  asFunction("own_folders", ownFolders),
  asFunction("use_cache", useCache),
  asFunction("install_engine", installEngine),
  setUpFunctions,
].join("");

/** The words for `set_up` after PATH and CACHE. */
export function setUpWords(engine: PackedEngine | undefined): string[] {
  if (engine === undefined) return ["", "", ""];
  return [engine.name, String(engine.packed.length), engine.launcher];
}

/** Creates the directories, records that they use the cache, and installs the engine from standard input, if any. */
export function setUpScript(path: string, cache: string, engine: PackedEngine | undefined): string {
  const words = [path, cache, ...setUpWords(engine)];
  return shellProgram(`${cacheFunctions}${SET_UP_FUNCTIONS}${setUp}`, words);
}

/** Only installs an engine. */
export function installEngineScript(path: string, engine: PackedEngine): string {
  return shellProgram(installEngine, [path, ...setUpWords(engine)]);
}

/** Runs one of these two programs, for a session that has the lock. */
export async function runSetUp(
  connection: HostConnection,
  script: string,
  setUp: SetUp,
  signal: AbortSignal,
): Promise<void> {
  const { engine, reactions } = setUp;
  const { push } = outputLines((line) => {
    if (Object.hasOwn(reactions, line)) reactions[line]!();
  });
  const input = engine?.packed ?? "";
  setUp.end(await connection.sh(script, { signal, input, onStdout: push }));
}
