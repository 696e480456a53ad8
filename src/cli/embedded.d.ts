/** The build inserts the source of jiti here. */
declare module "embedded:jiti" {
  const text: string;
  export default text;
}

/** And the source of the engine here, for src/cli/engine.ts. */
declare module "embedded:engine" {
  const text: string;
  export default text;
}
