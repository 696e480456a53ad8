import { normalizeName, type Requirement, requirementText } from "../requirement.ts";
import type { WorkingSet } from "../working-set.ts";
import type { Situation } from "./request.ts";

/** Reports each distribution being fetched once. */
export class Announcements {
  private readonly situation: Situation;
  private readonly set: WorkingSet;
  /** Normalized names of distributions from other sources, which are not fetched. */
  private readonly apart: () => ReadonlySet<string>;
  private readonly announced = new Set<string>();

  constructor(situation: Situation, set: WorkingSet, apart: () => ReadonlySet<string>) {
    this.situation = situation;
    this.set = set;
    this.apart = apart;
  }

  /** `need`: the first requirement for it; `requirement`: what is printed instead. */
  getting(
    name: string,
    { need, requirement }: { need?: Requirement; requirement?: string } = {},
  ): void {
    const key = normalizeName(name);
    if (this.announced.has(key) || this.apart().has(key)) return;
    this.announced.add(key);
    const { pins, request } = this.situation;
    const root =
      this.set.demands.find(({ requirement }) => requirement.key === key)?.requirement ?? need;
    const pin = pins.isExact(key) ? `==${pins.get(key)!.replace(/^=+/, "")}` : undefined;
    const text = pin ? `${root?.name ?? name}${pin}` : root ? requirementText(root) : name;
    request.report({
      ...{ type: "distribution-getting", kind: "python" },
      requirement: requirement ?? text,
    });
  }

  /** Normalized names in the order of reports. */
  get order(): string[] {
    return [...this.announced];
  }
}
