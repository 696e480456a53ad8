import { shownSource } from "../config/annotate.ts";
import {
  annotate,
  type Configuration,
  initialize,
  latest,
  newestFirst,
  Sections,
} from "../config/index.ts";

function annotateJson(
  configuration: Configuration,
  sections: readonly string[],
  directory: string,
): string {
  const show = shownSource(configuration, directory);
  const chosen = [...configuration.annotated].filter(
    ([name]) => sections.length === 0 || sections.includes(name),
  );
  const content = chosen.map(([name, options]) => {
    const annotated = [...options].map(([option, found]) => {
      const history = [...newestFirst(found.history)]
        .reverse()
        .map(({ operation, value, source, line }) => ({
          operation,
          value,
          source: show(source),
          line,
        }));
      return [option, { value: found.value, source: show(latest(found).source), history }];
    });
    return [name, Object.fromEntries(annotated)];
  });
  return `${JSON.stringify(Object.fromEntries(content), undefined, 2)}\n`;
}

/**
 * `buildout annotate [SECTION...]`: every option with its sources, as text in
 * zc.buildout's form, or as {section: {option: {value, source, history}}} with
 * the oldest step first. Throws what is wrong in [buildout].
 */
export function annotateCommand(
  configuration: Configuration,
  sections: readonly string[],
  json: boolean,
): string {
  const options = initialize(configuration, new Sections(configuration));
  const directory = options.require("directory");
  if (json) return annotateJson(configuration, sections, directory);
  const verbose = configuration.sections.get("buildout")?.has("verbosity") === true;
  return annotate(configuration, { verbose, sections, directory });
}
