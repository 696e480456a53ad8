import { evaluateCondition } from "../config/conditions/condition.ts";
import { interpreter } from "../config/conditions/interpreter.ts";
import type { Configuration } from "../config/merge/configuration.ts";
import { parse } from "../config/syntax/parse.ts";

/** Parses text in cfg syntax: section -> option -> value. */
export function parseSections(
  text: string,
  configuration: Configuration,
  name = "<parsed text>",
): Map<string, Map<string, string>> {
  const { workingDirectory: directory, sections } = configuration;
  const executable = sections.get("buildout")?.get("executable");
  const { env } = process;
  const python = interpreter(executable, env, directory);
  const parsed = parse(text, name, (expression, line, tail) =>
    evaluateCondition(expression, { file: name, line }, { python, env, directory }, tail),
  );
  const values = (options: ReadonlyMap<string, { value: string }>) =>
    new Map([...options].map(([option, { value }]) => [option, value]));
  return new Map([...parsed.sections].map(([section, options]) => [section, values(options)]));
}
