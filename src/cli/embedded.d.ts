/** The texts that the engine carries: src/cli/engine.ts reads them. */
declare module "embedded:texts" {
  const texts: { jiti(): string };
  export default texts;
}
