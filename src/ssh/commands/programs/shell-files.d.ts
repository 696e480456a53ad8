/** The build and Vite give a program for a host, or in Python, as its text. */
declare module "*.sh?raw" {
  const text: string;
  export default text;
}

declare module "*.py?raw" {
  const text: string;
  export default text;
}
