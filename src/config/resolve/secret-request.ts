import type { Location } from "../../errors/error.ts";

/** An option of [secrets]: `text`, its references resolved, says where the value is kept. */
export interface SecretRequest {
  option: string;
  text: string;
  location: Location | undefined;
}
