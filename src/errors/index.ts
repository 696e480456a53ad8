export type { ErrorDetails, Location } from "./error.ts";
export { BuildoutError, located, messageOf } from "./error.ts";
export { didYouMean, nearest } from "./nearest.ts";
