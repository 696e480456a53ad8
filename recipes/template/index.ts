import { readFileSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import {
  BuildoutError,
  defineRecipe,
  dirname,
  type Part,
  writeFileAtomically,
} from "../../src/index.ts";
import { encode } from "./encoding.ts";
import { checkOptions, readSource } from "./source.ts";

/** The result, computed when the part is initialized and written when it is installed. */
interface Rendered {
  bytes: Buffer;
  /** Undefined: 0666 minus the umask. */
  mode: number | undefined;
  /** Permissions of the input file, the default for the result. */
  inputMode: number | undefined;
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** In a template `${port}` means the part's own option, as `${:port}` does in a cfg file. */
function qualify(template: string, partName: string): string {
  return template.replace(/\$\{([^:]+?)\}/g, (_, option) => `\${${partName}:${option}}`);
}

function modeOption(part: Part): number | undefined {
  const text = part.options.get("mode");
  if (text === undefined) return undefined;
  if (/^(0o)?[0-7]+$/i.test(text.trim())) return Number.parseInt(text.replace(/^\s*0o/i, ""), 8);
  throw new BuildoutError("invalid-value", `mode is '${text}', not an octal number.`, {
    hint: "Write it as 0644 or 755.",
  });
}

async function render(part: Part): Promise<Rendered> {
  const { options } = part;
  const source = await readSource(part);
  const text = await options.fill(qualify(source.text, part.name));
  const bytes = encode(text, options.get("output-encoding") ?? "utf-8");
  return { bytes, mode: modeOption(part), inputMode: source.mode };
}

/** Creates missing parent directories of a file. Returns them as spelled in `output`. */
async function makeParents(part: Part, folder: string): Promise<void> {
  const parent = dirname(folder);
  if (parent === folder || (await exists(path.resolve(part.buildout.directory, folder)))) return;
  await makeParents(part, parent);
  await mkdir(path.resolve(part.buildout.directory, folder));
  part.created(folder);
}

async function write(part: Part, rendered: Rendered): Promise<string[]> {
  const { options, buildout } = part;
  const output = options.require("output");
  const file = path.resolve(buildout.directory, output);
  const overwrite = ["y", "yes", "1", "true"].includes(
    (options.get("overwrite") ?? "true").toLowerCase(),
  );
  const there = await stat(file).catch(() => undefined);
  if (!overwrite && there?.isFile() === true) return part.created();
  if (there?.isDirectory() === true) {
    throw new BuildoutError("is-directory", `The output file '${output}' is a directory.`);
  }
  await makeParents(part, dirname(output));
  const masked = (mode: number) => mode & ~process.umask();
  const { inputMode } = rendered;
  // The umask always applies to a file with a secret.
  const usual =
    inputMode === undefined || options.holdsSecrets ? masked(inputMode ?? 0o666) : inputMode;
  writeFileAtomically(file, rendered.bytes, rendered.mode ?? usual);
  // A file that must not be overwritten belongs to the user: it stays when the part is removed.
  return overwrite ? part.created(output) : part.created();
}

/** Synchronous: awaiting each of a hundred small files would dominate the run time. */
function holds(file: string, bytes: Buffer): boolean {
  try {
    return readFileSync(file).equals(bytes);
  } catch {
    return false; // It is missing, or `write` will report the problem.
  }
}

export default defineRecipe({
  description: "Writes a file from a template with ${section:option} references.",
  options: {
    input: { description: "The template's file, or the template itself after `inline:`." },
    inline: { description: "The template itself." },
    url: { description: "URL of the template." },
    output: { description: "The file to write. Required." },
    mode: { description: "Octal permissions; default: those of the input file." },
    overwrite: { description: "`false`: keep an existing file. Default true." },
    timeout: { description: "Seconds to wait for `url`; default 1.0." },
    "input-encoding": { description: "Default utf-8." },
    "output-encoding": { description: "Default utf-8." },
  },
  async init(part) {
    checkOptions(part);
    return await render(part);
  },
  install: write,
  settled: ({ options }) => {
    if (options.has("url")) return undefined;
    const input = options.get("input") ?? "";
    // An output file that must not be overwritten does not belong to the part.
    const output = options.require("output");
    return input === "" || input.startsWith("inline:") ? [output] : [input, output];
  },
  async update(part, rendered) {
    const file = path.resolve(part.buildout.directory, part.options.require("output"));
    if (holds(file, rendered.bytes)) return;
    return write(part, rendered);
  },
});
