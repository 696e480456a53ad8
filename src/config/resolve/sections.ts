import { BuildoutError, type ErrorDetails } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { repr } from "../../pythonic/text.ts";
import { type Configuration, whileDoing } from "../merge/configuration.ts";
import type { SecretRequest } from "./secret-request.ts";
import { type Neighbors, Section, type Step } from "./section.ts";
import { runNow, runWaiting } from "./task.ts";

/** Maximum characters inserted by all references of a run: references that double each other grow endlessly. */
const MAX_GROWTH = 2 ** 26;

/** External needs of a run's sections. */
export interface Outside {
  /**
   * Called for each section with a `recipe`, after its own options are substituted and before references to
   * it get a value.
   */
  construct?: (section: Section) => Promise<void>;
  /** The value of an option of [secrets]; by default, it is replaced by `***`. */
  readSecret?: (request: SecretRequest) => Promise<string>;
  /** Sections that keep references to secrets as they are written: the deployer reads them. */
  hosts?: ReadonlySet<string>;
  /** Whether a text has one of those values in it. */
  hasSecret?: (text: string) => boolean;
}

function tooLong(details: ErrorDetails): BuildoutError {
  return new BuildoutError(
    "value-too-long",
    `References expand to more than ${MAX_GROWTH} characters in total.`,
    {
      ...details,
      hint: "Check for options that refer to each other several times and so multiply their values.",
    },
  );
}

/** The sections of one run. Each is initialized on first use. */
export class Sections {
  private readonly configuration: Configuration;
  private readonly outside: Outside;
  private readonly started = new Map<string, Section>();
  /** Names of the sections started, in order. */
  private readonly order: string[] = [];
  private readonly neighbors: Neighbors;
  /** Characters inserted by references. */
  private grown = 0;

  constructor(configuration: Configuration, outside: Outside = {}) {
    this.configuration = configuration;
    this.outside = outside;
    this.neighbors = {
      configuration,
      readsSecrets: outside.readSecret !== undefined,
      hosts: outside.hosts ?? new Set(),
      hasSecret: outside.hasSecret ?? (() => false),
      known: (name) => this.started.get(name),
      grow: (characters, details) => {
        this.grown += characters;
        if (this.grown > MAX_GROWTH) throw tooLong(details());
      },
      find: (name, details) => this.find(name, details),
      run: (step) => this.run(step),
    };
  }

  has(name: string): boolean {
    return this.configuration.sections.has(name);
  }

  names(): string[] {
    return [...this.configuration.sections.keys()];
  }

  /** The sections in use. */
  used(): string[] {
    return [...this.started.keys()];
  }

  /**
   * The section, initialized; `details` are for the error if there is none. Throws the errors of its
   * references and its recipe.
   */
  section(name: string, details?: () => ErrorDetails): Promise<Section> {
    return this.run(this.find(name, details));
  }

  /**
   * The section with its references resolved and no recipe constructed. After an error, the affected
   * sections are reset, so that others can still be resolved.
   */
  resolve(name: string): Section {
    const before = this.order.length;
    try {
      return runNow(this.find(name));
    } catch (error) {
      for (const started of this.order.splice(before)) this.started.delete(started);
      throw error;
    }
  }

  /** Resets a section that no other one refers to. */
  forget(name: string): void {
    this.started.delete(name);
  }

  /** One option, resolved without the rest of its section and without any recipe. */
  peek(name: string, option: string): string | undefined {
    const raw = this.configuration.sections.get(name);
    if (raw === undefined) return undefined;
    const section = new Section(name, raw, this.neighbors);
    this.started.set(name, section);
    try {
      return section.get(option);
    } finally {
      this.started.delete(name);
    }
  }

  /** Resets all sections except `kept`. */
  forgetOthers(kept: string): void {
    this.order.length = 0;
    for (const name of this.started.keys()) {
      if (name === kept) this.order.push(name);
      else this.started.delete(name);
    }
  }

  /** Adds a section and initializes it. Throws `section-exists`. */
  async add(name: string, options: Readonly<Record<string, string>>): Promise<Section> {
    if (this.has(name)) {
      throw new BuildoutError("section-exists", `The section '${name}' already exists.`);
    }
    this.configuration.sections.set(name, new Map(Object.entries(options)));
    return await this.section(name);
  }

  private run<Result>(step: Step<Result>): Promise<Result> {
    const { construct, readSecret } = this.outside;
    return runWaiting(step, async (need) =>
      "read" in need ? readSecret?.(need.read) : construct?.(need.construct),
    );
  }

  private *find(name: string, details?: () => ErrorDetails): Step<Section> {
    const known = this.started.get(name);
    if (known !== undefined) return known;
    try {
      const raw = this.configuration.sections.get(name);
      if (raw === undefined) throw this.missing(name, details?.() ?? {});
      const section = new Section(name, raw, this.neighbors);
      this.started.set(name, section);
      this.order.push(name);
      yield section.initialize();
      return section;
    } catch (error) {
      if (error instanceof BuildoutError) whileDoing(error, `Getting section ${name}.`);
      throw error;
    }
  }

  private missing(name: string, details: ErrorDetails): BuildoutError {
    const hint = didYouMean(name, this.configuration.sections.keys());
    return new BuildoutError(
      "missing-section",
      `The referenced section, ${repr(name)}, was not defined.`,
      { ...details, ...(hint && { hint }) },
    );
  }
}
