import { BuildoutError, type ErrorDetails } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { repr } from "../../pythonic/text.ts";
import { type Configuration, whileDoing } from "../merge/configuration.ts";
import type { SecretRequest } from "./secret-request.ts";
import { type Neighbours, Section, type Step } from "./section.ts";
import { runNow, runWaiting } from "./task.ts";

/** Characters that all references of a run can be replaced by: some that double each other soon are endless. */
const MAX_GROWTH = 2 ** 26;

/** What the sections of a run need from outside. */
export interface Outside {
  /**
   * Called for each section with a `recipe`, after its own options are substituted and before
   * whoever refers to it gets a value.
   */
  construct?: (section: Section) => Promise<void>;
  /** The value of an option of [secrets]; without it `***` stands in its place. */
  readSecret?: (request: SecretRequest) => Promise<string>;
  /** Sections that keep references to secrets as they are written: the deployer reads them. */
  hosts?: ReadonlySet<string>;
  /** Whether a text has one of those values in it. */
  hasSecret?: (text: string) => boolean;
}

function tooLong(details: ErrorDetails): BuildoutError {
  return new BuildoutError(
    "value-too-long",
    `References are replaced by more than ${MAX_GROWTH} characters in all.`,
    {
      ...details,
      hint: "Do options that refer to each other several times multiply their values?",
    },
  );
}

/** The sections of one run. Each is initialised when it is first asked for or referred to. */
export class Sections {
  private readonly configuration: Configuration;
  private readonly outside: Outside;
  private readonly started = new Map<string, Section>();
  /** Names of the sections started, in order. */
  private readonly order: string[] = [];
  private readonly neighbours: Neighbours;
  /** Characters that references have been replaced by. */
  private grown = 0;

  constructor(configuration: Configuration, outside: Outside = {}) {
    this.configuration = configuration;
    this.outside = outside;
    this.neighbours = {
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

  /** Those that somebody asked for or referred to. */
  used(): string[] {
    return [...this.started.keys()];
  }

  /**
   * The section, initialised; `details` are for the error where there is none. Throws what its
   * references and its recipe throw.
   */
  section(name: string, details?: () => ErrorDetails): Promise<Section> {
    return this.run(this.find(name, details));
  }

  /**
   * The section with its references resolved and no recipe constructed. After an
   * error the sections that took part are as before, so that others can still be resolved.
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

  /** One option, resolved without the rest of its section and without any recipe. */
  peek(name: string, option: string): string | undefined {
    const raw = this.configuration.sections.get(name);
    if (raw === undefined) return undefined;
    const section = new Section(name, raw, this.neighbours);
    this.started.set(name, section);
    try {
      return section.get(option);
    } finally {
      this.started.delete(name);
    }
  }

  /** Lets every section but `kept` be as if nobody had asked for it yet. */
  forgetOthers(kept: string): void {
    this.order.length = 0;
    for (const name of this.started.keys()) {
      if (name === kept) this.order.push(name);
      else this.started.delete(name);
    }
  }

  /** Adds a section and initialises it. Throws `section-exists`. */
  async add(name: string, options: Readonly<Record<string, string>>): Promise<Section> {
    if (this.has(name)) {
      throw new BuildoutError("section-exists", `There is a section '${name}' already.`);
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
      const section = new Section(name, raw, this.neighbours);
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
