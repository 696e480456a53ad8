// A recipe and an extension as users write them. Each line below an error mark must be refused.
import {
  BuildoutError,
  defineRecipe,
  type Extension,
  type ExtensionContext,
  type Part,
  quote,
  writeFileAtomically,
} from "hostout";

export default defineRecipe({
  description: "Writes a text",
  options: {
    text: { required: true },
    output: { type: "path", required: true },
    force: { type: "boolean", default: "false" },
    rows: { type: "lines" },
    names: { type: "words", default: "" },
  },
  async install(part) {
    const text: string = part.values.text;
    const force: boolean = part.values.force;
    const rows: string[] | undefined = part.values.rows;
    const names: string[] = part.values.names;
    if (force && rows === undefined) {
      throw new BuildoutError("my-code", `No rows for ${names.join(" ")}`, {
        location: { file: part.values.output, line: 1 },
        hint: "Add rows.",
      });
    }
    writeFileAtomically(part.values.output, quote(text), 0o640);
    const [first] = await part.buildout.workingSet(["six"]);
    part.buildout.log.info(`${first?.name} ${part.buildout.directory}`);
    return [part.values.output];
  },
  update: () => undefined,
});

defineRecipe({
  description: "Has mistakes",
  options: { text: { required: true }, rows: { type: "lines" } },
  install(part) {
    // @ts-expect-error: no such option is declared
    part.values.txet;
    // @ts-expect-error: an option that is not required may be missing
    part.values.rows.length;
    // @ts-expect-error: a text is no number
    const count: number = part.values.text;
    // @ts-expect-error: options are set through the part, not here
    part.values.text = String(count);
    return [];
  },
});

// @ts-expect-error: a recipe installs
defineRecipe({ description: "Does nothing" });

// @ts-expect-error: there is no such type of option
defineRecipe({ description: "", options: { a: { type: "number" } }, install: () => [] });

// @ts-expect-error: paths are strings
defineRecipe({ description: "", install: () => [1] });

// @ts-expect-error: an error has a message
new BuildoutError("my-code");

export const extension: Extension = {
  default(buildout: ExtensionContext) {
    buildout.logger("mine").info(buildout.directory);
  },
};

export function named(part: Part): string {
  return part.name;
}
