import type { EngineContext } from "../contract/engine.ts";
import type { Part } from "../contract/recipe.ts";
import type {
  EntryPoint,
  PythonDistribution,
} from "../distributions/python/python-distribution.ts";

import { BuildoutError, located as placed } from "../errors/error.ts";
import { facadeHandlers } from "./facade.ts";
import { explain, PythonError } from "./failure.ts";
import { FACADES } from "./provided.ts";
import { type EarlyInterpreter, recipeExecutable } from "./recipe-executable.ts";
import { SharedOptions } from "./shared-options.ts";
import { type Json, PythonWorker } from "./worker.ts";
import { buildoutFacades, substitutes } from "./worker-modules.ts";

/** Python code: an entry point and the path it needs. */
export interface PythonCode {
  /** For messages: `recipe plone.recipe.command`. */
  title: string;
  /** The distribution that declares it; undefined for our facades. */
  distribution?: PythonDistribution;
  distributions: readonly PythonDistribution[];
  entryPoint: EntryPoint;
}

interface Running {
  part: string | undefined;
  /** For messages: `The recipe x of part a`. */
  subject: string;
  method: string;
}

const VERBOSE = 10;

/** Replacements for functions of zc.buildout, made by extensions. */
const LISTENERS: PythonCode = {
  title: "extension that listens to buildout",
  distributions: [],
  entryPoint: { name: "default", module: "zc.buildout", attributes: "", extras: [] },
};

/** Python's DEBUG is what `-v` shows. */
function isVerbose(buildout: EngineContext): boolean {
  return buildout.logLevel <= VERBOSE;
}

/** Runs recipes and extensions in Python; the worker starts with the first of them. */
export class PythonBridge {
  private readonly buildout: EngineContext;
  private worker: Promise<PythonWorker> | undefined;
  /** A worker that nothing has run in yet; undefined if it could not start. */
  private prepared: Promise<PythonWorker | undefined> | undefined;
  private readonly parts = new Map<string, Part>();
  /** The running calls, innermost last: a recipe may initialize another one. */
  private readonly running: Running[] = [];
  private readonly foundBy = new Map<string, Map<string, PythonDistribution>>();

  /** `early` becomes the worker: Python starts while the engine looks for the code to run. */
  constructor(buildout: EngineContext, early: EarlyInterpreter | undefined) {
    this.buildout = buildout;
    // If it fails, `run` tries again and reports it: the interpreter may be a part's work.
    if (early) this.prepared = this.start(early).catch(() => undefined);
  }

  /** Initializes the recipe of a part. */
  async construct(part: Part, code: PythonCode): Promise<void> {
    this.parts.set(part.name, part);
    this.foundBy.delete(part.name);
    await this.run(code, part.name, "construct", ...located(code));
  }

  /** Runs the recipe's `install` or `update` and returns its paths. */
  install(
    part: string,
    code: PythonCode,
    method: "install" | "update",
  ): Promise<string[] | undefined> {
    return this.run(code, part, method, ...located(code));
  }

  /** Runs the uninstall recipe. Returns the paths that remain to be removed. */
  uninstall(
    part: string,
    code: PythonCode,
    options: ReadonlyMap<string, string>,
  ): Promise<string[]> {
    return this.run(code, part, "uninstall", Object.fromEntries(options), ...located(code));
  }

  /** Calls an extension with the buildout. */
  async extend(code: PythonCode): Promise<void> {
    await this.run(code, undefined, "extend", ...located(code));
  }

  /** See `PythonCodes.finish`. */
  async finish(): Promise<{ report(): Promise<void> } | undefined> {
    if (this.worker === undefined) return undefined;
    const { distributions, picked } = await this.run(LISTENERS, undefined, "listeners");
    if (distributions) await this.tell();
    if (!picked) return undefined;
    return { report: () => this.run(LISTENERS, undefined, "print-picked") };
  }

  private async tell(): Promise<void> {
    const { buildout } = this;
    const picked = new Set((await buildout.pickedVersions()).map(({ option }) => option));
    const found = (await buildout.distributions()).filter((one) => "location" in one);
    const pinned = found.map(({ name }) => name).filter((name) => !picked.has(name));
    await this.run(LISTENERS, undefined, "tell", found, pinned);
  }

  /** What a part's recipe has requested so far. */
  distributions(part: string): PythonDistribution[] {
    return [...(this.foundBy.get(part)?.values() ?? [])];
  }

  async close(): Promise<void> {
    const unused = this.worker === undefined ? await this.prepared : undefined;
    if (unused !== undefined) return unused.close();
    const worker = await this.worker?.catch(() => undefined);
    if (worker === undefined) return;
    try {
      if (worker.isAlive && !this.buildout.request.signal?.aborted) {
        await this.run(LISTENERS, undefined, "end");
      }
    } finally {
      await worker.close();
    }
  }

  private async started(): Promise<PythonWorker> {
    return (await this.prepared) ?? this.start();
  }

  private async start(early?: EarlyInterpreter): Promise<PythonWorker> {
    const { buildout } = this;
    const run = this.facadeRun();
    return await PythonWorker.start({
      serves: "_hostout.recipes",
      modules: buildoutFacades,
      substitutes,
      compiled: buildout.request.compiled?.(),
      executable: early?.executable ?? (await recipeExecutable(buildout)),
      interpreter: early?.process,
      directory: buildout.directory,
      program: `${buildout.binDirectory}/buildout`,
      logLevel: buildout.logLevel,
      facades: Object.fromEntries(FACADES),
      handlers: facadeHandlers(buildout, run),
      options: run.options,
      signal: buildout.request.signal,
    });
  }

  private facadeRun() {
    const { running, parts, foundBy } = this;
    const given = (text: string) => {
      // A part that is being uninstalled may have no section left.
      const name = running.at(-1)?.part;
      if (name !== undefined) parts.get(name)?.options.given(text);
    };
    return {
      options: new SharedOptions(given),
      get running() {
        return running.at(-1)?.part;
      },
      created(name: string, paths: string[]) {
        const part = parts.get(name);
        if (part) return part.created(...paths);
        throw new TypeError(`Attempt to register a created path while not installing: ${name}`);
      },
      given,
      found(distributions: readonly PythonDistribution[]) {
        const name = running.at(-1)?.part;
        if (name === undefined) return;
        const known = foundBy.get(name) ?? new Map<string, PythonDistribution>();
        for (const found of distributions) known.set(found.name, found);
        foundBy.set(name, known);
      },
    };
  }

  private async run(
    code: PythonCode,
    part: string | undefined,
    method: string,
    ...args: Json[]
  ): Promise<Json> {
    this.worker ??= this.started();
    const worker = await this.worker;
    const subject = part === undefined ? `The ${code.title}` : `The ${code.title} of part ${part}`;
    const mine: Running = { part, subject, method };
    this.running.push(mine);
    try {
      const result = await worker.call(method, ...(part === undefined ? [] : [part]), ...args);
      return result ?? undefined;
    } catch (error) {
      const named =
        part === undefined ? undefined : this.parts.get(part)?.options.location("recipe");
      if (error instanceof PythonError) {
        const ownFolders = code.distribution ? [code.distribution.location] : [];
        throw explain(error, { subject, ownFolders, named, verbose: isVerbose(this.buildout) });
      }
      if (error instanceof BuildoutError && error.code === "python-worker-died") {
        throw this.died(error);
      }
      throw error instanceof BuildoutError ? placed(error, named) : error;
    } finally {
      this.running.splice(this.running.indexOf(mine), 1);
    }
  }

  private died({ code, message, output }: BuildoutError): BuildoutError {
    const { subject, method } = this.running.at(-1)!;
    return new BuildoutError(code, `${message} ${subject} was running ${method}.`, {
      ...(output && { output }),
      hint: "Its last output is above.",
    });
  }
}

function located({ distributions, entryPoint }: PythonCode): Json[] {
  return [distributions.map(({ location }) => location), entryPoint.module, entryPoint.attributes];
}
