import texts from "embedded:texts";
import Module from "node:module";

/** jiti for the engine, which is one file: 1.8 MB that few runs need. */
type Jiti = typeof import("jiti");

export const createJiti: Jiti["createJiti"] = (...args) => {
  const program = new Module("jiti.cjs") as Module & { _compile(code: string, file: string): void };
  program.filename = "jiti.cjs";
  program._compile(texts.jiti(), "jiti.cjs");
  return (program.exports as Jiti).createJiti(...args);
};
