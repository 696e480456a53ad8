/** Versions and version specifiers of PEP 440. */

interface Version {
  epoch: number;
  release: number[];
  /** Sorts the stages of one release: developments, pre-releases, the release, post-releases. */
  stage: (number | string)[];
  local: string | undefined;
}

const VERSION =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z\d]+(?:[-_.][a-z\d]+)*))?\s*$/i;
const SPECIFIER = /^\s*(~=|===|==|!=|<=|>=|<|>)\s*(\S*?)\s*$/;
const PRE: Record<string, number> = {
  alpha: 0,
  a: 0,
  beta: 1,
  b: 1,
  rc: 2,
  c: 2,
  pre: 2,
  preview: 2,
};

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, epoch, release, pre, preNumber, dashPost, post, postNumber, dev, devNumber, local] =
    match;
  const hasPost = dashPost !== undefined || post !== undefined;
  // A bare development release sorts before the pre-releases, a release after them.
  const preStage = pre !== undefined ? PRE[pre.toLowerCase()]! : dev && !hasPost ? -1 : 3;
  return {
    epoch: Number(epoch ?? 0),
    release: release!.split(".").map(Number),
    stage: [
      preStage,
      Number(preNumber || 0),
      hasPost ? Number(dashPost ?? (postNumber || 0)) : -1,
      dev === undefined ? Number.POSITIVE_INFINITY : Number(devNumber || 0),
    ],
    local: local?.toLowerCase(),
  };
}

function compareRelease(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Local labels are ignored: no interpreter version compared by a marker has two. */
function compare(a: Version, b: Version): number {
  const before = a.epoch - b.epoch || compareRelease(a.release, b.release);
  if (before !== 0) return before;
  for (const [i, mine] of a.stage.entries()) {
    const theirs = b.stage[i]!;
    if (mine !== theirs) return mine < theirs ? -1 : 1;
  }
  return 0;
}

function startsWith(version: Version, prefix: Version): boolean {
  if (version.epoch !== prefix.epoch) return false;
  return prefix.release.every((part, i) => (version.release[i] ?? 0) === part);
}

function sameRelease(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && compareRelease(a.release, b.release) === 0;
}

/** Whether it is a pre-release or a development release. */
function isEarly({ stage }: Version): boolean {
  return stage[0] !== 3 || stage[3] !== Number.POSITIVE_INFINITY;
}

function holds(operator: string, version: Version, wanted: Version): boolean {
  const difference = compare(version, wanted);
  const isPost = (each: Version) => each.stage[2] !== -1;
  switch (operator) {
    case "==":
      return difference === 0 && (wanted.local === undefined || wanted.local === version.local);
    case "!=":
      return !holds("==", version, wanted);
    case "<=":
      return difference <= 0;
    case ">=":
      return difference >= 0;
    case "<":
      // "<3.11" leaves out the pre-releases of 3.11 itself.
      return (
        difference < 0 && (isEarly(wanted) || !isEarly(version) || !sameRelease(version, wanted))
      );
    case ">":
      return (
        difference > 0 && (isPost(wanted) || !isPost(version) || !sameRelease(version, wanted))
      );
    default:
      return (
        difference >= 0 && startsWith(version, { ...wanted, release: wanted.release.slice(0, -1) })
      );
  }
}

/** Whether a version meets a specifier such as `>=3.8` or `==3.*`; undefined if `specifier` is invalid. */
export function meets(version: string, specifier: string): boolean | undefined {
  const match = SPECIFIER.exec(specifier);
  if (match === null) return undefined;
  const [, operator = "", wanted = ""] = match;
  if (operator === "===") return version.toLowerCase() === wanted.toLowerCase();
  const isPrefix = wanted.endsWith(".*") && (operator === "==" || operator === "!=");
  if (isPrefix && !/^v?(?:\d+!)?\d+(?:\.\d+)*\.\*$/i.test(wanted)) return undefined;
  const right = parseVersion(isPrefix ? wanted.slice(0, -2) : wanted);
  if (right === undefined || (operator === "~=" && right.release.length < 2)) return undefined;
  // Only equality considers local labels.
  if (right.local !== undefined && !operator.endsWith("==") && operator !== "!=") return undefined;
  const left = parseVersion(version);
  if (left === undefined) return false;
  if (isPrefix) return startsWith(left, right) === (operator === "==");
  return holds(operator, left, right);
}

/** Compares local labels: none comes first, numbers after words, part by part. */
function compareLocal(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const parts = [a, b].map((label) => label.split(/[-_.]/)) as [string[], string[]];
  for (const [i, mine] of parts[0].entries()) {
    const theirs = parts[1][i];
    if (theirs === undefined) return 1;
    const numbers = [mine, theirs].map((part) => /^\d+$/.test(part));
    if (numbers[0] !== numbers[1]) return numbers[0] ? 1 : -1;
    if (numbers[0] && Number(mine) !== Number(theirs)) return Number(mine) - Number(theirs);
    if (!numbers[0] && mine !== theirs) return mine < theirs ? -1 : 1;
  }
  return parts[0].length - parts[1].length;
}

/** Orders versions as PEP 440 does, oldest first; invalid versions come before valid ones. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined);
  }
  return compare(left, right) || compareLocal(left.local, right.local);
}

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Whether the version is neither a pre-release nor a development release. */
export function isFinal(version: string): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && !isEarly(parsed);
}
