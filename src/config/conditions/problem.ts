/** Why a condition has no value, in a few words; where it stands is added outside. */
export class ConditionProblem extends Error {}

/** The expression may be fine, but is beyond this evaluator: an interpreter has to answer. */
export class BeyondSubset extends ConditionProblem {}

/** A problem that an interpreter would have as well: it need not be asked. */
export class CertainProblem extends ConditionProblem {}

export class UnknownName extends CertainProblem {
  readonly unknown: string;

  constructor(name: string) {
    super(`name '${name}' is not defined`);
    this.unknown = name;
  }
}
