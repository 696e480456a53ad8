/** The build and Vite give a shell program as its text. */
declare module "*.sh?raw" {
  const text: string;
  export default text;
}
