/** See everyday.mjs: below src/distributions, without `.ts`. */
export const RELEASES: readonly string[];
