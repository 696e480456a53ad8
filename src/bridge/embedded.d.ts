/**
 * The Python modules below `python/FOLDER`, as build/embed.mjs collects them: module name -> [file name for
 * tracebacks, source].
 */
declare module "python:*" {
  const modules: Readonly<Record<string, readonly [file: string, text: string]>>;
  export default modules;
}
