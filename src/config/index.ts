export { type AnnotateOptions, annotate } from "./annotate.ts";
export type { Assignment } from "./assignments.ts";
export { dedentBlock } from "./block.ts";
export type { Python, PythonFacts } from "./condition/facts.ts";
export type { Configuration, Warning } from "./configuration.ts";
export { DEFAULT_OPTION_NAMES } from "./defaults.ts";
export { proxyFor } from "./download/proxy.ts";
export { initialize, initializeRun } from "./initialize.ts";
export { type LoadRequest, load } from "./load.ts";
export { expandMacros } from "./macro.ts";
export { type HistoryItem, latest, newestFirst, type Operation, type Option } from "./option.ts";
export {
  type Duplicate,
  PART_DEPENDENCIES,
  type ParsedFile,
  type ParsedOption,
  parse,
} from "./parse.ts";
export { isUrl } from "./python-path.ts";
export { isSpace, strip, stripEnd } from "./python-text.ts";
export { parseReference, type Reference, splitReferences } from "./reference.ts";
export { Section } from "./section.ts";
export { Sections } from "./sections.ts";
