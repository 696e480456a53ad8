/** The problem with the name of a part, which becomes part of file names here and on the host. */
export function partNameProblem(name: string): { message: string; hint: string } | undefined {
  const isOdd = /[\p{Cc}\\%/]/u.test(name) || name === "." || name === "..";
  if (!isOdd && Buffer.byteLength(name) <= 200) return undefined;
  return {
    message: `The name of the part [${name}] cannot be part of a file name.`,
    hint: "Rename it: files such as NAME.password are named after it.",
  };
}
