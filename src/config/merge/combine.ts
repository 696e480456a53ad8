/**
 * Merges the files of a configuration in the order in which zc.buildout visits them, in
 * time that depends on the number of files, not on the number of paths to them.
 *
 * An option that all files set by a plain `=` has the value of the last visit that sets it, and
 * its history is written out when somebody reads it. All other options are merged visit by
 * visit, repeated visits by their effect (see revisit.ts).
 */

import { within } from "../../pythonic/path.ts";
import { isOperator, type ParsedSection } from "../syntax/parse.ts";
import {
  lastVisits,
  type Names,
  type Node,
  ownSections,
  Settings,
  sourceOf,
  type Visit,
} from "./graph.ts";
import {
  mergeSections,
  noSections,
  type OnCutName,
  type Options,
  type Sections,
  targets,
} from "./merge.ts";
import { type HistoryItem, occurrences, overrideOption, setOption } from "./option.ts";
import { addEffects, addOwnEffects, applyEffects, type Effects } from "./revisit.ts";

/** Names of options, by section. */
type Changed = ReadonlyMap<string, Names>;

/** Options with operators, macros or user defaults, which are more than plain settings. */
function changedOptions(nodes: Iterable<Node>): Changed {
  const changed = new Map<string, Set<string>>();
  const add = (section: string, option: string) => {
    const options = changed.get(section);
    if (options === undefined) changed.set(section, new Set([option]));
    else options.add(option);
  };
  for (const { parsed, first } of nodes) {
    if (parsed.isPlain && first === undefined) continue;
    for (const [section, options] of parsed.sections) {
      for (const option of options.keys()) {
        if (first !== undefined || option === "<" || isOperator(option)) {
          for (const name of targets(option)) add(section, name);
        }
      }
    }
    for (const [section, options] of first ?? []) {
      for (const option of options.keys()) {
        for (const name of targets(option)) add(section, name);
      }
    }
  }
  return changed;
}

/** Merges the `changed` options visit by visit; every section appears, even if empty. */
function mergeVisits(root: Visit, changed: Changed, onCutName: OnCutName): Sections {
  const wanted = (section: string) => changed.get(section);
  const sections = noSections();
  const visited = new Set<Node>();
  const known = new Map<Node, Effects>();
  const effectsOf = (node: Node): Effects => {
    let effects = known.get(node);
    if (effects === undefined) {
      effects = new Map();
      for (const child of node.children) addEffects(effects, effectsOf(child.node), child.folder);
      addOwnEffects(effects, ownSections(node, "", wanted));
      known.set(node, effects);
    }
    return effects;
  };
  const visit = ({ node, folder }: Visit) => {
    if (visited.has(node)) {
      applyEffects(sections, effectsOf(node), folder);
      return;
    }
    visited.add(node);
    for (const child of node.children) {
      visit({ node: child.node, folder: within(folder, child.folder) });
    }
    mergeSections(sections, node.first ?? ownSections(node, folder, wanted), onCutName);
  };
  visit(root);
  return sections;
}

/** The settings of a plain option, newest first, from the last visit of `node` on. */
function* settingsOf(
  settings: Settings,
  section: string,
  option: string,
  node: Node,
): Generator<HistoryItem> {
  let later: HistoryItem | undefined;
  let begun = false;
  for (const visit of settings.of(section, option)) {
    begun ||= visit.node === node;
    if (!begun) continue;
    if (later !== undefined) yield { ...later, operation: "OVERRIDE" };
    const { value, line } = visit.node.parsed.sections.get(section)!.get(option)!;
    later = { operation: "SET", value, source: visit.source, line };
  }
  if (later !== undefined) yield later;
}

/** Plain options of one section of a file that is visited once. No closures: it runs for every option there is. */
function setOnce(options: Options, parsed: ParsedSection, source: string, others?: Names): void {
  for (const [name, { value, line }] of parsed) {
    if (others?.has(name)) continue;
    const own = setOption(value, { source, line });
    const earlier = options.get(name);
    options.set(name, earlier === undefined ? own : overrideOption(earlier, own));
  }
}

/** The last visits that set options of each section, in order. */
function visitsOfSections(order: readonly Visit[]): Map<string, Visit[]> {
  const found = new Map<string, Visit[]>();
  for (const visit of order) {
    for (const section of visit.node.parsed.sections.keys()) {
      const visits = found.get(section);
      if (visits === undefined) found.set(section, [visit]);
      else visits.push(visit);
    }
  }
  return found;
}

/**
 * The root file and everything it extends, merged; sections with plain settings only when they are first
 * read. Throws `empty-option-name`.
 */
export function combine(root: Visit, onCutName: OnCutName): Sections {
  const { order, repeated } = lastVisits(root);
  const nodes = order.map(({ node }) => node);
  const settings = new Settings(root, nodes);
  const changed = changedOptions(nodes);
  const sections = mergeVisits(root, changed, onCutName);
  const setAgain = (section: string, options: Options, { node, folder }: Visit) => {
    const source = sourceOf(node, folder);
    const others = changed.get(section);
    for (const [name, { value, line }] of node.parsed.sections.get(section)!) {
      if (others?.has(name)) continue;
      const own = setOption(value, { source, line });
      const all = () => settingsOf(settings, section, name, node);
      options.set(name, occurrences(own, all));
    }
  };
  for (const [section, visits] of visitsOfSections(order)) {
    const options = sections.get(section)!;
    const fill = () => {
      for (const visit of visits) {
        const { node, folder } = visit;
        const parsed = node.parsed.sections.get(section)!;
        if (repeated.has(node)) setAgain(section, options, visit);
        else setOnce(options, parsed, sourceOf(node, folder), changed.get(section));
      }
      return options;
    };
    const isNameless = visits.some(({ node }) => node.parsed.sections.get(section)!.has(""));
    if (changed.has(section) || isNameless) fill();
    else sections.defer(section, fill);
  }
  return sections;
}
