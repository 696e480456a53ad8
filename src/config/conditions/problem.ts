/** Why a condition has no value, in a few words; callers add the location. */
export class ConditionProblem extends Error {}

/** The expression may be valid, but this evaluator does not support it: an interpreter must answer. */
export class BeyondSubset extends ConditionProblem {}

/** A problem that an interpreter would report, too, so it need not be asked. */
export class CertainProblem extends ConditionProblem {}

export class UnknownName extends CertainProblem {
  readonly unknown: string;

  constructor(name: string) {
    super(`name '${name}' is not defined`);
    this.unknown = name;
  }
}
