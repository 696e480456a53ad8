/**
 * The files of a configuration as a graph: a file that several others extend is one node.
 * zc.buildout reads and merges it once for each path that leads to it, which can be thousands of
 * times; `visits` of a node mean these.
 */

import type { Options, Sections } from "./merge.ts";
import { setOption } from "./option.ts";
import type { ParsedFile } from "./parse.ts";
import { fileIn, within } from "./python-path.ts";

export interface Edge {
  node: Node;
  /** The folder of the extended file, seen from the folder of the extending one. */
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

/** The options of a file in `folder` that `wanted` holds, in all its sections. */
export function ownSections(
  node: Node,
  folder: string,
  wanted: (section: string, option: string) => boolean,
): Sections {
  const source = sourceOf(node, folder);
  const result: Sections = new Map();
  for (const [section, parsed] of node.parsed.sections) {
    const options: Options = new Map();
    for (const [name, { value, line }] of parsed) {
      if (wanted(section, name)) options.set(name, setOption(value, { source, line }));
    }
    result.set(section, options);
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

/** All visits of files that set an option, newest first. There can be very many. */
export function* visitsSetting(root: Visit, section: string, option: string): Generator<Visit> {
  const sets = (node: Node) => node.parsed.sections.get(section)?.has(option) === true;
  const known = new Map<Node, boolean>();
  const leadsThere = (node: Node): boolean => {
    let answer = known.get(node);
    if (answer === undefined) {
      answer = sets(node) || node.children.some((child) => leadsThere(child.node));
      known.set(node, answer);
    }
    return answer;
  };
  const waiting = leadsThere(root.node) ? [root] : [];
  for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
    const { node, folder } = visit;
    if (sets(node)) yield visit;
    for (const child of node.children) {
      if (!leadsThere(child.node)) continue;
      waiting.push({ node: child.node, folder: within(folder, child.folder) });
    }
  }
}
