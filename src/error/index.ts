export type { ErrorDetails, Location } from "./error.ts";
export { BuildoutError, messageOf } from "./error.ts";
export { didYouMean, nearest } from "./nearest.ts";
