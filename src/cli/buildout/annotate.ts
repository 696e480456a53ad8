import type { Configuration } from "../../config/merge/configuration.ts";
import { latest, newestFirst, type Option } from "../../config/merge/option.ts";
import { initialize } from "../../config/resolve/initialize.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { annotate as annotateText, shownSource } from "../../report/annotate.ts";
import { type BuildoutCommand, JSON_OPTION } from "./command.ts";
import { loadShown } from "./requests.ts";

export const annotate: BuildoutCommand = {
  name: "annotate",
  arguments: "[SECTION...]",
  options: [JSON_OPTION],
  summary: "Show every option with the files it comes from",
  details: `With -v (before the command), each step of a value is shown.
--json prints {section: {option: {value, source, history}}}; without -v,
histories are limited to their last 100 steps ("truncated": true).`,
  example: "-v annotate versions",
  async run(call) {
    const pieces = annotateCommand(await loadShown(call), call.args, call.json);
    for (const piece of pieces) call.environment.write(piece);
    return 0;
  },
};

/** Steps of one history without -v: files that extend each other can make 100,000 of them. */
const SHOWN_STEPS = 100;

interface Shown {
  source(source: string): string;
  /** Steps of each option's history, newest first. */
  steps: number;
}

function annotated(option: Option, { source: show, steps }: Shown): object {
  const history: object[] = [];
  let earlier = false;
  for (const { operation, value, source, line } of newestFirst(option.history)) {
    earlier = history.length === steps;
    if (earlier) break;
    history.push({ operation, value, source: show(source), line });
  }
  return {
    value: option.value,
    source: show(latest(option).source),
    history: history.reverse(),
    ...(earlier && { truncated: true }),
  };
}

/** An object's JSON in pieces, each entry made on demand. */
function* objectPieces<T>(
  entries: Iterable<[string, T]>,
  pieces: (value: T) => Iterable<string>,
): Generator<string> {
  let head = "{";
  for (const [name, value] of entries) {
    yield `${head}\n${JSON.stringify(name)}: `;
    yield* pieces(value);
    head = ",";
  }
  yield head === "{" ? "{}" : "\n}";
}

function* annotateJson(
  configuration: Configuration,
  sections: readonly string[],
  shown: Shown,
): Generator<string> {
  const chosen = [...configuration.annotated].filter(
    ([name]) => sections.length === 0 || sections.includes(name),
  );
  yield* objectPieces(chosen, (options) =>
    objectPieces(options, (option) => [JSON.stringify(annotated(option, shown))]),
  );
  yield "\n";
}

/**
 * `buildout annotate [SECTION...]`: every option with its sources, as text in zc.buildout's form, or as
 * {section: {option: {value, source, history}}} with the oldest step first. Without -v, a history begins at
 * its hundredth step from the end (`truncated: true`). Yields the text in pieces. Throws the errors of
 * [buildout].
 */
export function annotateCommand(
  configuration: Configuration,
  sections: readonly string[],
  json: boolean,
): Iterable<string> {
  const options = initialize(configuration, new Sections(configuration));
  const directory = options.require("directory");
  const verbose = configuration.sections.get("buildout")?.has("verbosity") === true;
  if (!json) return [annotateText(configuration, { verbose, sections, directory })];
  const source = shownSource(configuration, directory);
  const steps = verbose ? Number.POSITIVE_INFINITY : SHOWN_STEPS;
  return annotateJson(configuration, sections, { source, steps });
}
