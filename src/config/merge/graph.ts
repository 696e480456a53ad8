/**
 * The files of a configuration as a graph: a file that several others extend is one node.
 * zc.buildout reads and merges it once for each path that leads to it, which can be thousands of
 * times; `visits` of a node mean these.
 */

import { fileIn, within } from "../../pythonic/path.ts";
import type { ParsedFile } from "../syntax/parse.ts";
import { noSections, type Options, type Sections } from "./merge.ts";
import { setOption } from "./option.ts";

interface Edge {
  node: Node;
  /** The directory of the extended file, relative to that of the extending one. */
  folder: string;
}

export interface Node {
  /** The file's name within its folder; see `nameIn`. */
  name: string;
  parsed: ParsedFile;
  /** What it extends, in order. */
  children: Edge[];
  /** What the first visit merges instead of the file alone: the file on top of user defaults. */
  first: Sections | undefined;
}

/** The file that a visit of the node in `folder` reads. */
export function sourceOf(node: Node, folder: string): string {
  return fileIn(folder, node.name);
}

/** Names of options. */
export type Names = Pick<ReadonlySet<string>, "has">;

export const ALL: Names = { has: () => true };

/** The options of all sections without any that are wanted: most files have few. */
const NONE: Readonly<Options> = new Map();

/** The sections of a file in `folder`, each with those of its options that are `wanted`. */
export function ownSections(
  node: Node,
  folder: string,
  wanted: (section: string) => Names | undefined,
): Sections {
  const source = sourceOf(node, folder);
  const result = noSections();
  for (const [section, parsed] of node.parsed.sections) {
    const names = wanted(section);
    if (names === undefined) {
      result.set(section, NONE);
      continue;
    }
    const options: Options = new Map();
    result.set(section, options);
    for (const [name, { value, line }] of parsed) {
      if (names.has(name)) options.set(name, setOption(value, { source, line }));
    }
  }
  return result;
}

export interface Visit {
  node: Node;
  folder: string;
}

/** The last visit of each node, in order, and the nodes that are visited more than once. */
export function lastVisits(root: Visit): { order: Visit[]; repeated: Set<Node> } {
  const seen = new Set<Node>();
  const repeated = new Set<Node>();
  const newestFirst: Visit[] = [];
  const repeat = (node: Node) => {
    if (repeated.has(node)) return;
    repeated.add(node);
    for (const child of node.children) repeat(child.node);
  };
  const visit = ({ node, folder }: Visit) => {
    if (seen.has(node)) {
      repeat(node);
      return;
    }
    seen.add(node);
    newestFirst.push({ node, folder });
    for (const child of [...node.children].reverse()) {
      visit({ node: child.node, folder: within(folder, child.folder) });
    }
  };
  visit(root);
  return { order: newestFirst.reverse(), repeated };
}

/** A visit of a file that sets an option. */
export interface Setting {
  node: Node;
  source: string;
}

/** Limit of cached visits for the next option that the same files set; there can be very many. */
const KEPT = 200;

/** All visits of some nodes, newest first. The first ones are found once. */
class VisitsOf {
  private readonly root: Visit;
  private readonly wanted: ReadonlySet<Node>;
  private readonly leads = new Map<Node, boolean>();
  private readonly kept: Setting[] = [];
  private readonly first: Generator<Setting>;

  constructor(root: Visit, wanted: ReadonlySet<Node>) {
    this.root = root;
    this.wanted = wanted;
    this.first = this.all();
  }

  *[Symbol.iterator](): Generator<Setting> {
    for (let i = 0; i < KEPT; i++) {
      let visit = this.kept[i];
      if (visit === undefined) {
        const next = this.first.next();
        if (next.done === true) return;
        visit = next.value;
        this.kept.push(visit);
      }
      yield visit;
    }
    let passed = 0;
    for (const visit of this.all()) if (++passed > KEPT) yield visit;
  }

  private *all(): Generator<Setting> {
    const waiting = this.leadsThere(this.root.node) ? [this.root] : [];
    for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
      const { node, folder } = visit;
      if (this.wanted.has(node)) yield { node, source: sourceOf(node, folder) };
      for (const child of node.children) {
        if (!this.leadsThere(child.node)) continue;
        waiting.push({ node: child.node, folder: within(folder, child.folder) });
      }
    }
  }

  private leadsThere(node: Node): boolean {
    let answer = this.leads.get(node);
    if (answer === undefined) {
      answer = this.wanted.has(node) || node.children.some((child) => this.leadsThere(child.node));
      this.leads.set(node, answer);
    }
    return answer;
  }
}

/** The visits of the files that set an option, newest first. Options of the same files share theirs. */
export class Settings {
  private readonly root: Visit;
  private readonly nodes: readonly Node[];
  private readonly ofSections = new Map<string, [number, Node][]>();
  private readonly known = new Map<string, VisitsOf>();

  /** `nodes`: all that are reachable from `root`. */
  constructor(root: Visit, nodes: readonly Node[]) {
    this.root = root;
    this.nodes = nodes;
  }

  of(section: string, option: string): Iterable<Setting> {
    const setting = this.haveSection(section).filter(([, { parsed }]) =>
      parsed.sections.get(section)!.has(option),
    );
    const key = setting.map(([index]) => index).join();
    let visits = this.known.get(key);
    if (visits === undefined) {
      visits = new VisitsOf(this.root, new Set(setting.map(([, node]) => node)));
      this.known.set(key, visits);
    }
    return visits;
  }

  private haveSection(section: string): readonly [number, Node][] {
    let found = this.ofSections.get(section);
    if (found === undefined) {
      found = [...this.nodes.entries()].filter(([, { parsed }]) => parsed.sections.has(section));
      this.ofSections.set(section, found);
    }
    return found;
  }
}
