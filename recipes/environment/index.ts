import { defineRecipe, type OptionSpecs } from "../../src/index.ts";

/** The environment of the process, with the numbers of its user and group. */
function environment(): Record<string, string> {
  const variables = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(variables),
    UID: String(process.getuid?.() ?? ""),
    GID: String(process.getgid?.() ?? ""),
  };
}

/** Any variable may be a password: none is recorded in `.installed.cfg`. */
const options: OptionSpecs = Object.fromEntries(
  Object.keys(environment()).map((name) => [name, { secret: true }]),
);

export default defineRecipe({
  description: "Provides environment variables as options that others can refer to.",
  options,
  init(part) {
    for (const [name, value] of Object.entries(environment())) part.options.set(name, value);
  },
  install: () => [],
  update: () => {},
});
