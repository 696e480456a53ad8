import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";

/** What a host is chosen by. */
export interface Selectable {
  name: string;
  roles: readonly string[];
}

/** Maximum number of names in an error. */
const LISTED = 30;
const PATTERN = /[*?[]/;

/**
 * The hosts selected by words: `web1`, `@ROLE`, `'web*'`, `all`, lists with commas, and `!` in front of
 * each to exclude hosts. The hosts of a word are in the order of the configuration, each host once.
 * Exclusions apply whatever the order of words; if there are only exclusions, they apply to all hosts.
 */
export class Selection {
  readonly #known: readonly Selectable[];
  readonly #words: string[] = [];
  readonly #chosen = new Set<string>();
  readonly #leftOut = new Set<string>();
  #isAll = true;

  /** `known` are all hosts, in the order of the configuration. */
  constructor(known: readonly Selectable[]) {
    this.#known = known;
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  /** Whether a word selects hosts, existing or not; any other may be a command. */
  takes(word: string): boolean {
    if (word === "all" || this.#isHost(word)) return true;
    // `NAME:ARGUMENT,ARGUMENT` is a command, as in fab.
    if (/^[\w.-]+:/.test(word)) return false;
    return /^[!@]./.test(word) || /[^,],|,[^,]/.test(word) || PATTERN.test(word);
  }

  /** @throws BuildoutError `unknown-host` for a term that matches no host */
  add(word: string): void {
    this.#words.push(word);
    const terms = this.#isHost(word) ? [word] : word.split(",").filter((term) => term !== "");
    for (const term of terms) {
      const leavesOut = term.startsWith("!") && !this.#isHost(term);
      const found = this.#matching(leavesOut ? term.slice(1) : term, term);
      if (!leavesOut) this.#isAll = false;
      for (const name of found) (leavesOut ? this.#leftOut : this.#chosen).add(name);
    }
  }

  /** @throws BuildoutError `unknown-host` if nothing is left */
  hosts(): string[] {
    const chosen = this.#isAll ? this.#known.map(({ name }) => name) : [...this.#chosen];
    const left = chosen.filter((name) => !this.#leftOut.has(name));
    if (left.length > 0 || this.isEmpty) return left;
    throw new BuildoutError("unknown-host", `'${this.#words.join(" ")}' excludes every host.`, {
      hint: validNames(this.#known),
    });
  }

  #isHost(word: string): boolean {
    return this.#known.some(({ name }) => name === word);
  }

  #matching(term: string, written: string): string[] {
    const isRole = term.startsWith("@") && !this.#isHost(term);
    const wanted = isRole ? term.slice(1) : term;
    const matches = this.#isHost(term) ? (name: string) => name === term : matcher(wanted);
    const found =
      term === "all" && !this.#isHost(term)
        ? this.#known
        : this.#known.filter(({ name, roles }) => (isRole ? roles.some(matches) : matches(name)));
    if (found.length > 0) return found.map(({ name }) => name);
    throw isRole ? unknownRole(wanted, written, this.#known) : noSuchHost(term, this.#known);
  }
}

/** The roles of the hosts, sorted, each with its hosts. */
export function rolesOf(hosts: readonly Selectable[]): Map<string, string[]> {
  const roles = [...new Set(hosts.flatMap((host) => host.roles))].sort();
  const having = (role: string) => hosts.filter((host) => host.roles.includes(role));
  return new Map(roles.map((role) => [role, having(role).map(({ name }) => name)]));
}

/** A whole name or a shell pattern. */
function matcher(text: string): (name: string) => boolean {
  if (!PATTERN.test(text)) return (name) => name === text;
  const source = text.replace(
    /\[!?\]?[^\]]*\]|[\s\S]/g,
    (piece) =>
      ({ "*": "[\\s\\S]*", "?": "[\\s\\S]" })[piece] ??
      (piece.length > 1
        ? `[${piece
            .slice(1, -1)
            .replace(/^!/, "^")
            .replace(/[\\[\]]/g, "\\$&")}]`
        : piece.replace(/[\\^$.|+()[\]{}]/, "\\$&")),
  );
  try {
    const pattern = new RegExp(`^${source}$`);
    return (name) => pattern.test(name);
  } catch {
    // `[b-a]` matches nothing, as in a shell.
    return () => false;
  }
}

function noSuchHost(term: string, known: readonly Selectable[]): BuildoutError {
  const isRole = known.some(({ roles }) => roles.includes(term));
  const message = PATTERN.test(term) ? `No host matches '${term}'.` : `There is no host '${term}'.`;
  const names = [...known.map(({ name }) => name), "all"];
  const meant = isRole ? `Did you mean '@${term}'?` : didYouMean(term, names);
  return new BuildoutError("unknown-host", message, { hint: hints(meant, validNames(known)) });
}

function unknownRole(role: string, written: string, known: readonly Selectable[]): BuildoutError {
  const roles = [...rolesOf(known).keys()];
  const isHost = known.some(({ name }) => name === role);
  const near = didYouMean(role, roles)?.replace("'", "'@");
  const meant = isHost ? `Did you mean '${written.replace("@", "")}'?` : near;
  const list =
    roles.length === 0
      ? "No host has roles: add 'roles = NAME' to hostout parts, and run bin/buildout."
      : roles.length > LISTED
        ? "'bin/hostout' lists the roles."
        : `Roles are: ${roles.map((name) => `@${name}`).join(" ")}`;
  return new BuildoutError("unknown-host", `There is no role '${role}'.`, {
    hint: hints(meant, list),
  });
}

/** The existing hosts, for a hint. */
export function validNames(known: readonly Selectable[]): string {
  const names = known.map(({ name }) => name).sort();
  return names.length > LISTED
    ? `'bin/hostout' lists the ${names.length} hosts.`
    : `Valid hosts are: ${names.join(" ")}`;
}

function hints(...some: (string | undefined)[]): string {
  return some.filter((hint) => hint !== undefined).join(" ");
}
