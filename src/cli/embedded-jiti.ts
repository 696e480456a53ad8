import source from "embedded:jiti";
import Module from "node:module";

/**
 * jiti for the engine bundle, which is one file: 1.8 MB that few runs need. As a string it costs a start
 * next to nothing; as code, a third of its time.
 */
type Jiti = typeof import("jiti");

export const createJiti: Jiti["createJiti"] = (...args) => {
  const program = new Module("jiti.cjs") as Module & { _compile(code: string, file: string): void };
  program.filename = "jiti.cjs";
  program._compile(source, "jiti.cjs");
  return (program.exports as Jiti).createJiti(...args);
};
