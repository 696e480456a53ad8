/** esbuild and Vite give a Python file as its text. */
declare module "*.py?raw" {
  const text: string;
  export default text;
}
