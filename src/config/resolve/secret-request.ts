import type { Location } from "../../errors/error.ts";

/** An option of [secrets]: `text`, with references resolved, is the source of the value. */
export interface SecretRequest {
  option: string;
  text: string;
  location: Location | undefined;
}
