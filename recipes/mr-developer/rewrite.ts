import { BuildoutError, messageOf } from "../../src/index.ts";

/** A source before parsing: `kind`, `url` and its keys. */
export type SourceKeys = Map<string, string>;

/** Changes a source in place, or leaves it. Returns the options that changed, with both values. */
export type Rewrite = (source: SourceKeys) => [option: string, before: string, after: string][];

interface Operation {
  option: string;
  matches(value: string): boolean;
  substitute?(value: string): string;
}

/** Converts a Python regular expression. Throws `invalid-rewrite`. */
export function pythonRegExp(expression: string, flags = ""): RegExp {
  const ours = expression
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replace(/\\A/g, "^")
    .replace(/\\Z/g, "$");
  try {
    return new RegExp(ours, flags);
  } catch (error) {
    throw new BuildoutError(
      "invalid-expression",
      `The regular expression '${expression}' is not valid: ${messageOf(error)}`,
    );
  }
}

/** `re.sub`: every match is replaced; `\1`, `\g<1>` and `\g<name>` stand for groups. */
function substitution(expression: RegExp, template: string): (value: string) => string {
  return (value) =>
    value.replace(expression, (...args: unknown[]) => {
      const named = typeof args.at(-1) === "object" ? (args.at(-1) as Record<string, string>) : {};
      return template.replace(
        /\\(?:(\d{1,2})|g<(\w+)>|(.))/g,
        (_, number?: string, name?: string, other?: string) => {
          const group = number ?? name;
          if (group === undefined) return other!;
          return String((/^\d+$/.test(group) ? args[Number(group)] : named[group]) ?? "");
        },
      );
    });
}

function operationsOf(program: string, where: string): Operation[] {
  const fail = (message: string) =>
    new BuildoutError("invalid-rewrite", `${message} in the rewrite '${where}':\n${program}`, {
      hint: "A rewrite consists of lines OPTION = TEXT, OPTION ~= EXPRESSION, and OPTION ~ EXPRESSION with the replacement on the next line.",
    });
  const lines = program.split("\n").flatMap((line) => line.trim() || []);
  const operations: Operation[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, option, operator, value] = /^(\w+) (~=|~|=) (.+)$/.exec(line) ?? [];
    if (option === undefined || value === undefined) throw fail(`'${line}' is not a rule`);
    if (option === "name" || option === "path") {
      throw fail(`Option '${option}' is not allowed`);
    }
    if (operator === "=") {
      operations.push({ option, matches: (text) => text === value });
      continue;
    }
    const expression = pythonRegExp(value);
    const matches = (text: string) => expression.test(text);
    if (operator === "~=") operations.push({ option, matches });
    else {
      const template = lines.shift();
      if (template === undefined) throw fail(`There is no substitution for option '${option}'`);
      const substitute = substitution(pythonRegExp(value, "g"), template);
      operations.push({ option, matches, substitute });
    }
  }
  return operations;
}

/**
 * One entry of `[rewrites]`: it changes sources that match all its lines. Throws `invalid-rewrite`; `name`
 * is the entry's, for the message.
 */
export function parseRewrite(program: string, name: string): Rewrite {
  const operations = operationsOf(program, name);
  return (source) => {
    const current = (option: string) => source.get(option) ?? "";
    if (!operations.every(({ option, matches }) => matches(current(option)))) return [];
    return operations.flatMap(({ option, substitute }) => {
      const before = current(option);
      const after = substitute?.(before) ?? before;
      if (after === before) return [];
      source.set(option, after);
      return [[option, before, after] as [string, string, string]];
    });
  };
}

/** An entry of the older option `[mr.developer] rewrites`: a prefix of URLs and what replaces it. */
export function prefixRewrite(prefix: string, substitute: string): Rewrite {
  return parseRewrite(`url ~ ^${prefix}\n${substitute}`, prefix);
}
