/** The build and Vite import programs for hosts, and in Python, as strings. */
declare module "*.sh?raw" {
  const text: string;
  export default text;
}

declare module "*.py?raw" {
  const text: string;
  export default text;
}
