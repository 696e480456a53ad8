/** zc.recipe.testrunner, with a replacement for zope.testrunner. */
import fc from "fast-check";
import { type Case, lifeCycle, type Options } from "../cases.ts";
import { rarely, unknown } from "./values.ts";

const options = fc.record({
  eggs: fc.constantFrom<string | undefined>(
    "standin.plugin",
    "standin.plugin",
    "\nstandin.plugin\nsupervisor",
    undefined,
    "",
    "standin.plugin >= 1.0",
    "standin_plugin",
    "nosuch.package-x",
  ),
  script: rarely(fc.constantFrom("test", "", "run tests", "sub/test"), 1),
  defaults: rarely(
    fc.constantFrom("['-v']", "['-v'] + ['-c']", "", "\n['--tests-pattern', '^f?tests$$',\n '-v']"),
    1,
  ),
  "working-directory": rarely(
    fc.constantFrom("work", "${buildout:directory}", "", "missing/deep", "${buildout:directory}/w"),
    1,
  ),
  environment: rarely(fc.constantFrom("env", "nosuch", "", " env "), 1),
  initialization: rarely(
    fc.constantFrom("print('x')", "\nimport os\nif True:\n    pass", "", "  "),
    1,
  ),
  "extra-paths": rarely(fc.constantFrom("extra", "\na\nb", "${buildout:directory}/extra"), 2),
  "relative-paths": rarely(fc.constantFrom("true", "false", "yes"), 1),
  unknown,
});

export const testRunners: fc.Arbitrary<Case> = fc
  .record({
    first: options,
    second: options,
    name: fc.constantFrom("p", "p", "standin.plugin", "test"),
  })
  .map(({ first, second, name }) => {
    const sketch = (own: Options) => ({
      recipe: "zc.recipe.testrunner",
      name,
      options: own,
      sections: { env: { A: "1", B: 'it\'s "quoted" \\ é', "c d": "\ntwo\nlines" } },
    });
    return lifeCycle(sketch(first), { "work/": "" }, { second: sketch(second) });
  });
