// Over 300 lines: references, secrets and options set by recipes share the same maps.
import { BuildoutError, type ErrorDetails, type Location } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { sorted, words } from "../../pythonic/text.ts";
import { type Configuration, whileDoing } from "../merge/configuration.ts";
import { PART_DEPENDENCIES } from "../syntax/parse.ts";
import { expandMacros } from "./macro.ts";
import { parseReference, splitReferences } from "./reference.ts";
import type { SecretRequest } from "./secret-request.ts";
import { runNow, type Task } from "./task.ts";

/** The section whose options may be sources of values. */
const SECRETS = "secrets";
const KEPT_ELSEWHERE = /^(env|file|cmd|age|deployment):/;

/** The replacement for a hidden secret. */
const HIDDEN = "***";

/** External needs of resolving: construct a section's recipe, or read a secret. */
type Need = { construct: Section } | { read: SecretRequest };

export type Step<Result> = Task<Need, Result>;

/** A section's access to the others. */
export interface Neighbors {
  readonly configuration: Configuration;
  /** A section that is initialized or being initialized. */
  known(name: string): Section | undefined;
  /** The same, initializing it if necessary; `details` are for the error if there is no such section. */
  find(name: string, details?: () => ErrorDetails): Step<Section>;
  /** Whether this run reads secrets; otherwise, they are hidden. */
  readonly readsSecrets: boolean;
  /** Sections that keep references to secrets as written. */
  readonly hosts: ReadonlySet<string>;
  /** Whether a text has a secret in it. */
  hasSecret(text: string): boolean;
  /** Counts characters inserted by references. Throws `value-too-long`. */
  grow(characters: number, details: () => ErrorDetails): void;
  /** Runs a step now or, if it may construct sections, later. */
  run<Result>(step: Step<Result>): Promise<Result>;
}

/** Runs `body`, and adds the current activity to its errors. */
function* doing<Result>(activity: string, body: Step<Result>): Step<Result> {
  try {
    return (yield body as Step<unknown>) as Result;
  } catch (error) {
    if (error instanceof BuildoutError) whileDoing(error, activity);
    throw error;
  }
}

/** A section in use: its options with references resolved, and options set by recipes. */
export class Section {
  readonly name: string;
  private readonly neighbors: Neighbors;
  private raw: ReadonlyMap<string, string>;
  /** Values substituted when the section was initialized. */
  private readonly cooked = new Map<string, string>();
  /** Values that were read or set. */
  private readonly data = new Map<string, string>();
  /** Changes with each option, but not when one is marked as used. */
  version = 0;
  /** The recipe has received a secret other than the section's options. */
  private givenSecret = false;

  constructor(name: string, raw: ReadonlyMap<string, string>, neighbors: Neighbors) {
    this.name = name;
    this.raw = raw;
    this.neighbors = neighbors;
  }

  /** The value, or undefined if the option is not set. Reading an option marks it as used. */
  get(option: string): string | undefined {
    return this.plain(option) ?? runNow(this.lookup(option));
  }

  /** The same; a recipe that the value depends on is constructed first. */
  async read(option: string): Promise<string | undefined> {
    return this.plain(option) ?? (await this.neighbors.run(this.lookup(option)));
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

  /** Where the option, or the section itself, was last set; undefined if no file sets it. */
  location(option?: string): Location | undefined {
    return this.neighbors.configuration.location(this.name, option);
  }

  set(option: string, value: string): void {
    this.version += 1;
    this.data.set(option, value);
  }

  delete(option: string): void {
    const raw = new Map(this.raw);
    raw.delete(option);
    this.raw = raw;
    this.version += 1;
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

  /** All current options, with references resolved if the section is initialized. Marks none as used. */
  snapshot(): Map<string, string> {
    return new Map([...this.raw, ...this.cooked, ...this.data]);
  }

  /** The sources of the secrets in [secrets], by option, without reading them. */
  secretPlaces(): [string, string][] {
    return [...this.raw, ...this.cooked].filter(([, text]) => this.isSecret(text));
  }

  /** Names of unused options. */
  get unused(): string[] {
    return sorted([...this.raw.keys()].filter((option) => !this.data.has(option)));
  }

  /** A text with its references resolved; `$$` stays `$$`. Throws the same errors as a reference in an option. */
  substitute(template: string): Promise<string> {
    return this.filled(this.cook(template, undefined, new Set()));
  }

  /** The same for a template, in which `$$` is not an escape: `$${:port}` becomes `$8080`. */
  fill(template: string): Promise<string> {
    return this.filled(this.cookPiece(template, undefined, new Set()));
  }

  /** Whether an option, or another value that the recipe has received, contains a secret of [secrets]. */
  get holdsSecrets(): boolean {
    const { givenSecret, neighbors } = this;
    return givenSecret || [...this.snapshot().values()].some((text) => neighbors.hasSecret(text));
  }

  private async filled(step: Step<string>): Promise<string> {
    const text = await this.neighbors.run(step);
    this.given(text);
    return text;
  }

  /** Records a value that the section's recipe has received in addition to its options. */
  given(text: string): void {
    if (this.neighbors.hasSecret(text)) this.givenSecret = true;
  }

  /** Initializes the section; for `Sections` only. */
  *initialize(): Step<void> {
    yield doing(`Initializing section ${this.name}.`, this.settle());
  }

  private *settle(): Step<void> {
    const { configuration } = this.neighbors;
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
      this.version += 1;
    }
    // The buildout section can never be a part.
    if (this.name === "buildout") return;
    const dependencies = ((yield this.lookup(PART_DEPENDENCIES)) as string | undefined) ?? "";
    const location = () => this.details(PART_DEPENDENCIES);
    for (const name of words(dependencies)) yield this.neighbors.find(name, location);
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

  /** The value if it needs no further substitution. Marks the option as used. */
  plain(option: string): string | undefined {
    const value = this.finished(option);
    if (value !== undefined && !this.data.has(option)) this.data.set(option, value);
    return value;
  }

  /** The same, without marking it. */
  finished(option: string): string | undefined {
    const known = this.data.get(option);
    if (known !== undefined) return known;
    const value = this.stored(option);
    if (value === undefined || value.includes("${") || this.isSecret(value)) return undefined;
    return value;
  }

  private isSecret(value: string): boolean {
    return this.name === SECRETS && KEPT_ELSEWHERE.test(value);
  }

  /** The value of a secret. Throws `secret-not-read` if it would have to be awaited. */
  private *reveal(option: string, text: string): Step<string> {
    const { location } = this.details(option);
    const value = (yield { read: { option, text, location } }) as string | undefined;
    if (value !== undefined) {
      this.data.set(option, value);
      return value;
    }
    if (!this.neighbors.readsSecrets) return HIDDEN;
    throw new BuildoutError("secret-not-read", `${this.key(option)} has not been read yet.`, {
      hint: `Refer to it as \${${this.key(option)}} in an option of the part, or await section.read().`,
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

  /** `text` with its references resolved; it is the value of `option`, if given. */
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
        this.neighbors.known(owner) ?? ((yield this.neighbors.find(owner, details)) as Section);
      const { hosts } = this.neighbors;
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
        this.neighbors.grow(value.length, details);
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
