// It has over 300 lines, since references, secrets and what recipes set read and write the same maps.
import { BuildoutError, type ErrorDetails, type Location } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { sorted, words } from "../../pythonic/text.ts";
import { type Configuration, whileDoing } from "../merge/configuration.ts";
import { PART_DEPENDENCIES } from "../syntax/parse.ts";
import { expandMacros } from "./macro.ts";
import { parseReference, splitReferences } from "./reference.ts";
import type { SecretRequest } from "./secret-request.ts";
import { runNow, type Task } from "./task.ts";

/** The section whose options may say where a value is kept instead of what it is. */
const SECRETS = "secrets";
const KEPT_ELSEWHERE = /^(env|file|cmd|age|deployment):/;

/** What stands in the place of a secret that nobody needs to know. */
const HIDDEN = "***";

/** What resolving needs from outside: a section's recipe constructed, or a secret read. */
type Need = { construct: Section } | { read: SecretRequest };

export type Step<Result> = Task<Need, Result>;

/** How a section reaches the others. */
export interface Neighbours {
  readonly configuration: Configuration;
  /** A section that is initialised, or being so. */
  known(name: string): Section | undefined;
  /** The same, initialising it if need be; `details` for the error where there is no such section. */
  find(name: string, details?: () => ErrorDetails): Step<Section>;
  /** Whether this run reads secrets; where it does not, they are hidden. */
  readonly readsSecrets: boolean;
  /** Sections that keep references to secrets as they are written. */
  readonly hosts: ReadonlySet<string>;
  /** Whether a text has a secret in it. */
  hasSecret(text: string): boolean;
  /** Counts characters that references have made. Throws `value-too-long`. */
  grow(characters: number, details: () => ErrorDetails): void;
  /** Runs a step now or, where it may construct sections, in time. */
  run<Result>(step: Step<Result>): Promise<Result>;
}

/** Runs `body`; an error that leaves it learns what was being done. */
function* doing<Result>(activity: string, body: Step<Result>): Step<Result> {
  try {
    return (yield body as Step<unknown>) as Result;
  } catch (error) {
    if (error instanceof BuildoutError) whileDoing(error, activity);
    throw error;
  }
}

/** A section in use: its options with references resolved, and what recipes set. */
export class Section {
  readonly name: string;
  private readonly neighbours: Neighbours;
  private raw: ReadonlyMap<string, string>;
  /** Values substituted when the section was initialised. */
  private readonly cooked = new Map<string, string>();
  /** Values that somebody read or set. */
  private readonly data = new Map<string, string>();
  /** The recipe has got a secret beside the section's options. */
  private givenSecret = false;

  constructor(name: string, raw: ReadonlyMap<string, string>, neighbours: Neighbours) {
    this.name = name;
    this.raw = raw;
    this.neighbours = neighbours;
  }

  /** The value, or undefined where the option is not set. Reading an option makes it a used one. */
  get(option: string): string | undefined {
    return this.plain(option) ?? runNow(this.lookup(option));
  }

  /** The same; a recipe that the value depends on is constructed first. */
  async read(option: string): Promise<string | undefined> {
    return this.plain(option) ?? (await this.neighbours.run(this.lookup(option)));
  }

  /** The value. Throws `missing-option`. */
  require(option: string): string {
    const value = this.get(option);
    if (value !== undefined) return value;
    const location = this.location();
    const hint = didYouMean(option, this.keys());
    throw new BuildoutError("missing-option", `Missing option: ${this.name}:${option}`, {
      ...(location && { location }),
      ...(hint && { hint }),
    });
  }

  /** Where the option, or the section itself, was last set; undefined for what no file says. */
  location(option?: string): Location | undefined {
    return this.neighbours.configuration.location(this.name, option);
  }

  set(option: string, value: string): void {
    this.data.set(option, value);
  }

  delete(option: string): void {
    const raw = new Map(this.raw);
    raw.delete(option);
    this.raw = raw;
    this.cooked.delete(option);
    this.data.delete(option);
  }

  has(option: string): boolean {
    const value = this.stored(option);
    return (value !== undefined && this.isSecret(value)) || this.get(option) !== undefined;
  }

  keys(): string[] {
    const added = [...this.data.keys()].filter((option) => !this.raw.has(option));
    return [...this.raw.keys(), ...added];
  }

  entries(): [string, string][] {
    return this.keys().map((option) => [option, this.require(option)]);
  }

  /** All options as they are now: references resolved where the section is initialised. Reads none. */
  snapshot(): Map<string, string> {
    return new Map([...this.raw, ...this.cooked, ...this.data]);
  }

  /** Where the secrets of [secrets] are kept, by option; none is read. */
  secretPlaces(): [string, string][] {
    return [...this.raw, ...this.cooked].filter(([, text]) => this.isSecret(text));
  }

  /** Names of the options that nobody has read yet. */
  get unused(): string[] {
    return sorted([...this.raw.keys()].filter((option) => !this.data.has(option)));
  }

  /** A text with its references resolved; `$$` stays `$$`. Throws as a reference in an option does. */
  substitute(template: string): Promise<string> {
    return this.filled(this.cook(template, undefined, new Set()));
  }

  /** The same for a template, where `$$` protects nothing: `$${:port}` becomes `$8080`. */
  fill(template: string): Promise<string> {
    return this.filled(this.cookPiece(template, undefined, new Set()));
  }

  /** Whether an option, or what the recipe has got beside them, has a secret of [secrets] in it. */
  get holdsSecrets(): boolean {
    const { givenSecret, neighbours } = this;
    return givenSecret || [...this.snapshot().values()].some((text) => neighbours.hasSecret(text));
  }

  private async filled(step: Step<string>): Promise<string> {
    const text = await this.neighbours.run(step);
    this.given(text);
    return text;
  }

  /** Notes a text that the section's recipe has got beside its options. */
  given(text: string): void {
    if (this.neighbours.hasSecret(text)) this.givenSecret = true;
  }

  /** Brings the section to life; for `Sections` only. */
  *initialize(): Step<void> {
    yield doing(`Initializing section ${this.name}.`, this.settle());
  }

  private *settle(): Step<void> {
    const { configuration } = this.neighbours;
    if (this.raw.has("<")) this.raw = expandMacros(configuration, this.name, this.raw);
    const { raw } = this;
    const open: string[] = [];
    for (const [option, value] of raw) if (value.includes("${")) open.push(option);
    for (const option of sorted(open)) {
      const seen = new Set([this.key(option)]);
      const cooked = yield doing(
        `Getting option ${this.name}:${option}.`,
        this.cook(raw.get(option)!, option, seen),
      );
      this.cooked.set(option, cooked as string);
    }
    // The buildout section can never be a part.
    if (this.name === "buildout") return;
    const dependencies = ((yield this.lookup(PART_DEPENDENCIES)) as string | undefined) ?? "";
    const location = () => this.details(PART_DEPENDENCIES);
    for (const name of words(dependencies)) yield this.neighbours.find(name, location);
    if (yield this.lookup("recipe")) yield { construct: this };
  }

  private key(option: string): string {
    return `${this.name}:${option}`;
  }

  private details(option: string | undefined): ErrorDetails {
    if (option === undefined) return {};
    const location = this.location(option);
    return location === undefined ? {} : { location };
  }

  private stored(option: string): string | undefined {
    return this.cooked.get(option) ?? this.raw.get(option);
  }

  /** The value where it takes no further substitution. */
  private plain(option: string): string | undefined {
    const known = this.data.get(option);
    if (known !== undefined) return known;
    const value = this.stored(option);
    if (value === undefined || value.includes("${") || this.isSecret(value)) return undefined;
    this.data.set(option, value);
    return value;
  }

  private isSecret(value: string): boolean {
    return this.name === SECRETS && KEPT_ELSEWHERE.test(value);
  }

  /** The value of a secret. Throws `secret-not-read` where it would have to be waited for. */
  private *reveal(option: string, text: string): Step<string> {
    const { location } = this.details(option);
    const value = (yield { read: { option, text, location } }) as string | undefined;
    if (value !== undefined) {
      this.data.set(option, value);
      return value;
    }
    if (!this.neighbours.readsSecrets) return HIDDEN;
    throw new BuildoutError("secret-not-read", `${this.key(option)} has not been read yet.`, {
      hint: `Refer to it as \${${this.key(option)}} in an option of the part, or await read().`,
    });
  }

  private *lookup(option: string, seen: Set<string> = new Set()): Step<string | undefined> {
    const plain = this.plain(option);
    if (plain !== undefined) return plain;
    const value = this.stored(option);
    if (value === undefined) return undefined;
    return (yield doing(
      `Getting option ${this.name}:${option}.`,
      this.resolve(option, value, seen),
    )) as string;
  }

  private *resolve(option: string, value: string, seen: Set<string>): Step<string> {
    const key = this.key(option);
    if (seen.has(key)) {
      throw new BuildoutError("circular-reference", "Circular reference in substitutions.\n", {
        ...this.details(option),
      });
    }
    seen.add(key);
    const cooked = (yield this.cook(value, option, seen)) as string;
    seen.delete(key);
    if (this.isSecret(cooked)) return (yield this.reveal(option, cooked)) as string;
    this.data.set(option, cooked);
    return cooked;
  }

  /** `text` with its references resolved; it is the value of `option`, if of any. */
  private *cook(text: string, option: string | undefined, seen: Set<string>): Step<string> {
    const pieces: string[] = [];
    for (const piece of text.split("$$")) {
      pieces.push((yield* this.cookPiece(piece, option, seen)) as string);
    }
    return pieces.join("$$");
  }

  private *cookPiece(text: string, option: string | undefined, seen: Set<string>): Step<string> {
    const details = () => this.details(option);
    let result = "";
    const parts = splitReferences(text);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (i % 2 === 0) {
        result += part;
        continue;
      }
      const reference = parseReference(part, details);
      const owner = reference.section || this.name;
      const target =
        this.neighbours.known(owner) ?? ((yield this.neighbours.find(owner, details)) as Section);
      const { hosts } = this.neighbours;
      const isHost = hosts.has(this.name);
      if (isHost && target.isSecret(target.stored(reference.option) ?? "")) {
        result += part;
        continue;
      }
      let value =
        target.plain(reference.option) ??
        ((yield target.lookup(reference.option, seen)) as string | undefined);
      if (!isHost && value?.includes("${secrets:") && hosts.has(target.name)) {
        value = (yield* this.cook(value, option, seen)) as string;
      }
      if (value !== undefined) {
        result += value;
        this.neighbours.grow(value.length, details);
      } else if (reference.option === "_buildout_section_name_") result += this.name;
      else throw missingReference(target, reference.option, details());
    }
    return result;
  }
}

function missingReference(target: Section, option: string, details: ErrorDetails): BuildoutError {
  const hint = didYouMean(option, target.keys());
  return new BuildoutError(
    "missing-option",
    `Referenced option does not exist: ${target.name} ${option}`,
    { ...details, ...(hint && { hint }) },
  );
}
