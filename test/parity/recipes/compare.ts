import type { Outcome } from "./outcome.ts";

type Aspect = "status" | "output" | "error" | "files";

export interface Difference {
  /** From 1. */
  readonly step: number;
  readonly what: Aspect;
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

/** Intended differences of recipes: docs/differences.md and their READMEs have the reasons. */
interface Exception {
  readonly recipe: RegExp;
  readonly what: Aspect;
  /** Lines that do not count, in the results of the original and in ours. */
  readonly lines: RegExp;
}

const EXCEPTIONS: readonly Exception[] = [
  // The first installation of distributions.
  {
    recipe: /supervisor$|testrunner$/,
    what: "output",
    lines: /^(Creating directory '@TOP@|Download error on |Getting distribution for |Got )/,
  },
  // Shell scripts, where the original writes Python, and npm's settings in a file there. The original
  // changes the first line of scripts in the distribution of node.
  {
    recipe: /^gp\.recipe\.node$/,
    what: "files",
    lines: /^(bin\/\w+: |parts\/p\/\.npmrc|(parts|own|mine|shared|none)\/.*bin\/\w+: #!)/,
  },
  // The file's path is absolute here.
  { recipe: /download$/, what: "output", lines: /^p: Unable to extract the package / },
  // A program of our own, and a state that only the user can read.
  {
    recipe: /^mr\.developer$/,
    what: "files",
    lines:
      /^(bin\/develop|\.installed\.cfg: \[_mr\.developer\]|\.mr\.developer\.cfg( \d+$|: (\[rewrites\]|r = |\t(url ~|one$)|rewrites = |threads = |$)))/,
  },
  { recipe: /^mr\.developer$/, what: "output", lines: / has an unknown key / },
];

function only(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

function aspects({ status, said, error = "", left }: Outcome): Record<Aspect, readonly string[]> {
  return { status: [status], output: inAnyOrder(said), error: [error], files: left };
}

/** The output of parallel checkouts, in any order. */
const SIDE_BY_SIDE = /^mr\.developer: (Cloned|Skipped|Updated|Switched|Would|Filesystem)/;

function inAnyOrder(lines: readonly string[]): string[] {
  const found: string[] = [];
  let run: string[] = [];
  for (const line of [...lines, ""]) {
    if (SIDE_BY_SIDE.test(line)) run.push(line);
    else {
      found.push(...run.sort(), line);
      run = [];
    }
  }
  return found.slice(0, -1);
}

/** Whether ours leaves nothing that the original does not leave as well. */
function isLess(theirs: Outcome, ours: Outcome): boolean {
  return only(ours.left, theirs.left).length === 0;
}

/** The first difference between the results of two engines. */
export function firstDifference(
  recipe: string,
  theirs: readonly Outcome[],
  ours: readonly Outcome[],
): Difference | undefined {
  let hasFailed = false;
  for (const [index, their] of theirs.entries()) {
    const our = ours[index]!;
    hasFailed ||= their.status === "fails";
    // Where the original ends with a traceback, ours reports the error.
    const unexplained = their.status === "fails" && their.error === undefined;
    for (const what of ["status", "output", "error", "files"] as const) {
      if (unexplained && our.status === "fails" && (what === "error" || what === "output"))
        continue;
      // The original takes the result of a failed clone for a working copy, and its next run succeeds.
      const triesAgain = our.error?.includes("There have been errors") ?? false;
      if (what === "status" && hasFailed && recipe === "mr.developer" && triesAgain)
        return undefined;
      // Files created by a failed run are removed; the original often leaves them.
      if (what === "files" && hasFailed && isLess(their, our)) continue;
      // Of checkouts side by side, the original starts those that it has not started yet or does not.
      if (what === "files" && hasFailed && recipe === "mr.developer" && isLess(our, their))
        continue;
      const mine = EXCEPTIONS.filter((one) => one.what === what && one.recipe.test(recipe));
      const counting = (outcome: Outcome) =>
        aspects(outcome)[what].filter((line) => !mine.some(({ lines }) => lines.test(line)));
      const [first, second] = [counting(their), counting(our)];
      if (first.join("\n") === second.join("\n")) continue;
      const sameLines = [...first].sort().join("\n") === [...second].sort().join("\n");
      const errors = what === "status" ? [[their.error ?? ""], [our.error ?? ""]] : [[], []];
      return {
        step: index + 1,
        what,
        theirs: [...(sameLines ? first : only(first, second)), ...errors[0]!],
        ours: [...(sameLines ? second : only(second, first)), ...errors[1]!],
      };
    }
  }
  return undefined;
}
