import { normalizeName, type Requirement, requirementText } from "../requirement.ts";
import type { WorkingSet } from "../working-set.ts";
import type { Situation } from "./request.ts";

/** Tells what is being got: each distribution once. */
export class Announcements {
  private readonly situation: Situation;
  private readonly set: WorkingSet;
  /** Normalized names of what is there in another way, and not got. */
  private readonly apart: () => ReadonlySet<string>;
  private readonly announced = new Set<string>();

  constructor(situation: Situation, set: WorkingSet, apart: () => ReadonlySet<string>) {
    this.situation = situation;
    this.set = set;
    this.apart = apart;
  }

  /** `need`: the requirement that first led to it; `requirement`: what is printed in its place. */
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

  /** Normalized names, in the order in which they were told of. */
  get order(): string[] {
    return [...this.announced];
  }
}
