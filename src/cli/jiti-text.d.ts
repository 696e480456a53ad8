/** The build puts the source text of jiti here. */
declare module "embedded:jiti" {
  const text: string;
  export default text;
}
