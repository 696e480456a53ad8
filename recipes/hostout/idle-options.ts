import type { LintContext, LintProblem } from "../../src/index.ts";

interface Rule {
  options: readonly string[];
  /** What the option requires or conflicts with, in words. */
  why: string;
  hint: string;
  /** Whether the options have an effect; `value` returns another option of the part. */
  works(value: (option: string) => string): boolean;
}

const isSet = (option: string) => (value: (option: string) => string) => value(option) !== "";
const isTrue = (option: string) => (value: (option: string) => string) =>
  /^(true|yes|on|1)$/i.test(value(option)) || value(option).includes("${");

const RULES: readonly Rule[] = [
  {
    options: ["tunnel-allow"],
    why: "'tunnel' is not true",
    hint: "Add 'tunnel = true', or remove it.",
    works: isTrue("tunnel"),
  },
  {
    options: ["buildout-password", "buildout-password-file"],
    why: "there is no 'buildout-user'",
    hint: "Add 'buildout-user', or remove it.",
    works: isSet("buildout-user"),
  },
  {
    options: ["buildout-group"],
    why: "there is neither 'buildout-user' nor 'effective-user'",
    hint: "Add one of these, or remove it.",
    // A plugin may create users itself.
    works: (value) => ["buildout-user", "effective-user", "extends"].some((one) => value(one)),
  },
  {
    options: ["password-file"],
    why: "'password' takes precedence",
    hint: "Remove one of the two.",
    works: (value) => value("password") === "",
  },
  {
    options: ["buildout-password-file"],
    why: "'buildout-password' takes precedence",
    hint: "Remove one of the two.",
    works: (value) => value("buildout-password") === "",
  },
  {
    options: ["data-exclude", "data"],
    why: "'stage-data' is not true",
    hint: "Add 'stage-data = true', or remove it.",
    works: (value) =>
      !/(^|\s)hostout\.pushdeploy(\s|$)/.test(value("extends")) || isTrue("stage-data")(value),
  },
];

/**
 * Options of the part itself that have no effect without, or because of, another option. Options from other
 * sections may be meant for other parts. Options mentioned in `code`, a fabfile, are its own.
 */
export function idleOptions(
  context: LintContext,
  sections: readonly string[],
  code: readonly string[],
): LintProblem[] {
  const own = context.section(context.name)!;
  const value = (option: string) =>
    sections.map((name) => context.section(name)!.get(option)?.trim()).find(Boolean) ?? "";
  return RULES.flatMap(({ options, why, hint, works }) =>
    options
      .filter((option) => (own.get(option)?.trim() ?? "") !== "" && !works(value))
      .filter((option) => !code.some((text) => text.includes(option)))
      .map((option) => ({
        ...{ severity: "warning" as const, code: "option-without-effect" as const },
        ...{ section: context.name, option, hint },
        message: `The option '${option}' of [${context.name}] has no effect: ${why}.`,
      })),
  );
}
