/** The meaning of each code and what to do about it, as shown in `docs/errors.md`. */
export type CodeTable<Code extends string = string> = Readonly<
  Record<Code, { meaning: string; action: string }>
>;

/** Returns the table unchanged. Its type has the codes but not their texts, which published types do not need. */
export const codes = <Code extends string>(table: CodeTable<Code>): CodeTable<Code> => table;
