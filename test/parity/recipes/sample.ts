import type { Case } from "./cases.ts";
import type { Outcome } from "./outcome.ts";

/** A case that both engines answer alike, and how. */
export interface Sample {
  readonly recipe: string;
  readonly steps: Case;
  readonly outcomes: readonly Outcome[];
}
