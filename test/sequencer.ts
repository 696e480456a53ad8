import { statSync } from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { place } from "./kinds.ts";

/** Slow files first, so that no worker waits at the end for another's last file. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const size = (file: TestSpecification) => statSync(file.moduleId).size;
    return [...files].sort((a, b) => place(a.moduleId) - place(b.moduleId) || size(b) - size(a));
  }
}
