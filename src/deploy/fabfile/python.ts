/** Fabfiles in Python run in one process per host, started with the first of them. */
import { fabricFacades, fabricSubstitutes } from "../../bridge/fabric-modules.ts";
import { PythonError } from "../../bridge/failure.ts";
import { type Json, PythonWorker } from "../../bridge/worker.ts";
import { buildoutFacades, substitutes } from "../../bridge/worker-modules.ts";
import { BuildoutError } from "../../errors/error.ts";
import { type Environment, initialEnvironment } from "../part/environment.ts";
import type { HostOptions } from "../part/options.ts";
import type { Project } from "../part/project.ts";
import type { CommandContext, CommandDefinition, CommandSet, Complaint } from "../run/chain.ts";
import { interpreterFor } from "./interpreter.ts";
import { type EnvironmentChanges, SharedVariables } from "./python-environment.ts";
import { explainFabfile, type FailedFabfile } from "./python-failure.ts";
import { OpenThings, pythonHandlers } from "./python-handlers.ts";
import { hostoutFacts } from "./python-hostout.ts";
import type { FabfileRun } from "./run.ts";
import { DEFAULT_SETTINGS } from "./state.ts";

/** Code in Python whose functions are commands. */
export interface PythonFabfile {
  /** Its display name. */
  source: string;
  /** Absolute path of the fabfile; undefined for a module. */
  file?: string;
  /** Module to import, for a plugin. */
  module?: string;
  /** Directories to import the module from. */
  locations?: readonly string[];
}

interface Loaded {
  commands: {
    name: string;
    description: string;
    arguments: string;
    help: string;
    example: string | null;
    flags: string[] | null;
    parallel: boolean | null;
    changes: boolean;
  }[];
  initcommand: boolean;
  env: EnvironmentChanges | null;
}

interface Answer {
  value: Json;
  env: EnvironmentChanges | null;
}

interface Running {
  context: CommandContext;
  env: Environment;
}

export class PythonHost {
  private readonly project: Project;
  private readonly options: HostOptions;
  private readonly run: FabfileRun;
  private worker: Promise<PythonWorker> | undefined;
  private readonly variables = new SharedVariables();
  /** Values that fabfiles set while they were loaded, before there was a command with an environment. */
  private early: EnvironmentChanges[] = [];
  private readonly running = new Map<number, Running>();
  private readonly open: OpenThings;
  private loaded = 0;
  private started = 0;

  constructor(project: Project, options: HostOptions, run: FabfileRun) {
    this.project = project;
    this.options = options;
    this.run = run;
    this.open = new OpenThings(project);
  }

  /**
   * Imports a fabfile. Throws `fabfile-syntax`, `fabfile-failed`, `aborted` and errors from starting the
   * interpreter.
   */
  async load(fabfile: PythonFabfile): Promise<CommandSet> {
    const { file, module, locations = [], source } = fabfile;
    this.loaded += 1;
    const number = this.loaded;
    const failed: FailedFabfile = {
      source,
      paths: file === undefined ? locations : [file],
      executable: this.executable,
    };
    const loaded: Loaded | undefined = await this.call(
      failed,
      ...["load", number, file ?? null, module ?? null, locations],
    );
    if (loaded === undefined) return { commands: [] };
    if (loaded.env) this.early.push(loaded.env);
    const commands = loaded.commands.map(
      ({
        name,
        description,
        arguments: usage,
        help,
        example,
        flags,
        parallel,
        changes,
      }): CommandDefinition => ({
        name,
        description,
        arguments: usage,
        ...(usage.includes("...]") && { options: "untouched" }),
        ...(flags !== null && { flags }),
        check: async (words) =>
          complaint(await this.call(failed, "check", number, name, [...words])),
        usesTerminal: true,
        ...(help !== "" && { help }),
        ...(example !== null && { example }),
        source,
        ...(parallel !== null && { parallel }),
        ...(changes && { changes }),
        run: (context, args) => this.serve(context, failed, "command", number, name, [...args]),
      }),
    );
    if (!loaded.initcommand) return { commands };
    const initcommand: CommandSet["initcommand"] = (context, name) =>
      this.serve(context, failed, "initcommand", number, name);
    return { commands, source, initcommand };
  }

  async close(): Promise<void> {
    await (await this.worker?.catch(() => undefined))?.close();
    await this.open.close();
  }

  private get executable(): string {
    return interpreterFor(this.options, this.project, this.run.env);
  }

  private async start(): Promise<PythonWorker> {
    const { project, options, run } = this;
    const { output } = run;
    const worker = await PythonWorker.start({
      serves: "_hostout.fabfiles",
      // Namespace packages of plugins import pkg_resources.
      modules: { ...buildoutFacades, ...fabricFacades },
      substitutes: { ...substitutes, ...fabricSubstitutes },
      executable: this.executable,
      directory: project.directory,
      program: "bin/hostout",
      handlers: { ask: this.answers() },
      facades: { Fabric: "1.15.0", "collective.hostout": "1.0" },
      output:
        typeof output === "function"
          ? (stream, line) =>
              output({ type: "output", host: options.name, stream, line, local: true })
          : output,
      // A separate signal: each process listens to it, and Node reports more than ten listeners as a leak.
      signal: AbortSignal.any([run.signal]),
    });
    const env = initialEnvironment(options);
    await worker.call("start", hostoutFacts(project, options), this.variables.changes(env));
    return worker;
  }

  /** Answers requests of running commands, each with the changes in `env` so far. */
  private answers() {
    const handlers = pythonHandlers(this.run, this, this.open);
    return async (
      what: string,
      number: number | null,
      changes: EnvironmentChanges | null,
      args: Json[],
    ): Promise<Json> => {
      const running = number === null ? undefined : this.running.get(number);
      if (running === undefined) throw outsideCommand();
      const { context, env } = running;
      this.variables.accept(env, changes);
      const state = { context, env, settings: DEFAULT_SETTINGS };
      const result = await handlers[what]!(state, ...args);
      return { result: result ?? null, env: this.variables.changes(env) };
    };
  }

  /** Runs one command there. */
  private async serve(
    context: CommandContext,
    failed: FailedFabfile,
    method: string,
    ...args: Json[]
  ): Promise<unknown> {
    const env = context.deployment.variables;
    for (const changes of this.early.splice(0)) this.variables.accept(env, changes);
    this.started += 1;
    const number = this.started;
    this.running.set(number, { context, env });
    try {
      const answer: Answer | undefined = await this.call(
        failed,
        ...[method, number, ...args, this.variables.changes(env)],
      );
      if (answer === undefined) return undefined;
      this.variables.accept(env, answer.env);
      return answer.value ?? undefined;
    } finally {
      this.running.delete(number);
    }
  }

  /** Undefined if Python code ended the run successfully. */
  private async call(failed: FailedFabfile, ...[method, ...args]: Json[]): Promise<Json> {
    this.worker ??= this.start();
    const worker = await this.worker;
    try {
      return await worker.call(method, ...args);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      const told = explainFabfile(error, failed);
      if (told !== undefined) throw told;
      return undefined;
    }
  }
}

function complaint(answer: Json): Complaint | undefined {
  if (answer == null) return undefined;
  const { message, word } = answer as { message: string; word: string | null };
  return { message: `${message}.`, word: word ?? undefined };
}

function outsideCommand(): BuildoutError {
  return new BuildoutError("outside-command", "The fabfile uses the host outside a command.", {
    hint: "Call run(), local() and the like inside functions: only then is there a host.",
  });
}
