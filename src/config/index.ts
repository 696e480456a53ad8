export { isUrl } from "../pythonic/path.ts";
export { isSpace, strip, stripEnd } from "../pythonic/text.ts";
export type { Python, PythonFacts } from "./conditions/facts.ts";
export { proxyFor } from "./download/proxy.ts";
export type { Assignment } from "./merge/assignments.ts";
export type { Configuration, Warning } from "./merge/configuration.ts";
export { DEFAULT_OPTION_NAMES } from "./merge/defaults.ts";
export { type LoadRequest, load } from "./merge/load.ts";
export {
  type HistoryItem,
  latest,
  newestFirst,
  type Operation,
  type Option,
} from "./merge/option.ts";
export { initialize, initializeRun } from "./resolve/initialize.ts";
export { expandMacros } from "./resolve/macro.ts";
export { parseReference, type Reference, splitReferences } from "./resolve/reference.ts";
export { Section } from "./resolve/section.ts";
export { Sections } from "./resolve/sections.ts";
export { dedentBlock } from "./syntax/block.ts";
export {
  type Duplicate,
  PART_DEPENDENCIES,
  type ParsedFile,
  type ParsedOption,
  parse,
} from "./syntax/parse.ts";
