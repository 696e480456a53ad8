/** The build puts the source text of jiti here. */
declare module "embedded:jiti" {
  const text: string;
  export default text;
}

/** And here the text of the engine, for src/cli/engine.ts. */
declare module "embedded:engine" {
  const text: string;
  export default text;
}
