import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, isFinal, isVersion, meets } from "../../src/pythonic/version.ts";
import { askPython } from "../support/ask-python.ts";

const HEAD = `try:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version
except ImportError:
    from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
    from pip._vendor.packaging.version import InvalidVersion, Version

def version(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None

def order(a, b):
    a, b = version(a), version(b)
    if a is None or b is None:
        return (a is not None) - (b is not None)
    return (a > b) - (a < b)

def contains(text, specifier):
    try:
        specifiers = SpecifierSet(specifier)
    except InvalidSpecifier:
        return None
    return version(text) is not None and specifiers.contains(text, prereleases=True)
`;

const number = fc.constantFrom("0", "1", "2", "10", "01");
const version = fc
  .tuple(
    fc.constantFrom("", "", "", "1!", "v"),
    fc.array(number, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(".")),
    fc.constantFrom("", "", "a1", "b2", "rc1", "-alpha.1", "c", ".beta", "pre3"),
    fc.constantFrom("", "", ".post1", "-2", "rev3", ".post"),
    fc.constantFrom("", "", ".dev0", "dev3", "-dev"),
    fc.constantFrom("", "", "+local", "+1.2", "+a_b", "+"),
  )
  .map((parts) => parts.join(""));
const anything = fc.oneof(version, version, fc.constantFrom("", "x", "1.x", "1..2", "1 2"));
const pairs = fc.sample(fc.tuple(anything, anything), { numRuns: 2000, seed: 11 });

test("versions are in the order of packaging", () => {
  expect(pairs.map(([a, b]) => Math.sign(compareVersions(a, b)))).toEqual(
    askPython("order(*it)", pairs, HEAD),
  );
});

test("valid versions, and final ones", () => {
  const names = pairs.map(([a]) => a);
  expect(names.map(isVersion)).toEqual(askPython("version(it) is not None", names, HEAD));
  expect(names.map(isFinal)).toEqual(
    askPython("version(it) is not None and not version(it).is_prerelease", names, HEAD),
  );
});

test("specifiers allow the same versions as packaging", () => {
  // Not `~=` before `postdev`: packaging treats that part as one of the release.
  const operator = fc.constantFrom("==", "!=", "<=", ">=", "<", ">", "~=", "=");
  const wanted = fc.oneof(anything, fc.constantFrom("1.*", "1.2.*", "1.0rc1.*", "3.11"));
  const all = fc.sample(
    fc.tuple(
      version,
      fc.tuple(operator, wanted).map((two) => two.join("")),
    ),
    {
      numRuns: 3000,
      seed: 13,
    },
  );
  const compared = all.filter(([, specifier]) => !/^~=.*postdev/.test(specifier));
  const theirs = askPython("contains(*it)", compared, HEAD);
  const differ = compared.flatMap(([a, b], at) =>
    (meets(a, b) ?? null) === theirs[at] ? [] : [`${a} ${b}: ${meets(a, b)}, not ${theirs[at]}`],
  );
  expect(differ).toEqual([]);
});
