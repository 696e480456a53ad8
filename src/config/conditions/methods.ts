/** Attributes and methods of values. */
import { splitLines, strip, stripEnd, words } from "../../pythonic/text.ts";
import { BeyondSubset, ConditionProblem } from "./problem.ts";
import {
  Callable,
  Dictionary,
  equal,
  index,
  iterate,
  Namespace,
  Sequence,
  string,
  tuple,
  typeName,
  type Value,
} from "./values.ts";

type Method<Self> = (self: Self, ...args: Value[]) => Value;

const list = (items: readonly Value[]) => new Sequence("list", [...items]);

function affix(test: (text: string, affix: string) => boolean): Method<string> {
  return (self, wanted = null) => {
    const options = wanted instanceof Sequence ? wanted.items : [wanted];
    return options.some((each) => test(self, string(each)));
  };
}

/** `strip` and the like with a set of characters. */
function stripped(text: string, set: string, atStart: boolean, atEnd: boolean): string {
  let start = 0;
  let end = text.length;
  while (atStart && start < end && set.includes(text[start]!)) start++;
  while (atEnd && end > start && set.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function stripper(atStart: boolean, atEnd: boolean): Method<string> {
  return (self, set = null) => {
    if (set !== null) return stripped(self, string(set), atStart, atEnd);
    if (atStart && atEnd) return strip(self);
    return atEnd ? stripEnd(self) : self.slice(self.length - strip(`${self}.`).length + 1);
  };
}

function split(self: string, separator: Value, limit: Value, fromEnd: boolean): Value {
  const most = index(limit);
  if (separator === null) {
    const all = words(self);
    if (most < 0 || all.length <= most) return list(all);
    throw new BeyondSubset("splitting at white space with a limit is not supported");
  }
  const mark = string(separator);
  if (mark === "") throw new ConditionProblem("the separator is empty");
  const all = self.split(mark);
  if (most < 0 || all.length - 1 <= most) return list(all);
  const joined = fromEnd ? all.length - most : most;
  return fromEnd
    ? list([all.slice(0, joined).join(mark), ...all.slice(joined)])
    : list([...all.slice(0, joined), all.slice(joined).join(mark)]);
}

function partition(self: string, separator: Value, fromEnd: boolean): Value {
  const mark = string(separator);
  const at = fromEnd ? self.lastIndexOf(mark) : self.indexOf(mark);
  if (at < 0) return fromEnd ? tuple("", "", self) : tuple(self, "", "");
  return tuple(self.slice(0, at), mark, self.slice(at + mark.length));
}

const STRING_METHODS: Record<string, Method<string>> = {
  startswith: affix((text, wanted) => text.startsWith(wanted)),
  endswith: affix((text, wanted) => text.endsWith(wanted)),
  lower: (self) => self.toLowerCase(),
  upper: (self) => self.toUpperCase(),
  casefold: (self) => self.toLowerCase(),
  strip: stripper(true, true),
  lstrip: stripper(true, false),
  rstrip: stripper(false, true),
  split: (self, separator = null, limit = -1n) => split(self, separator, limit, false),
  rsplit: (self, separator = null, limit = -1n) => split(self, separator, limit, true),
  splitlines: (self) => list(splitLines(self)),
  partition: (self, separator = null) => partition(self, separator, false),
  rpartition: (self, separator = null) => partition(self, separator, true),
  join: (self, items = null) => iterate(items).map(string).join(self),
  replace: (self, old = null, by = null) => {
    const text = string(by);
    return self.replaceAll(string(old), () => text);
  },
  find: (self, wanted = null) => BigInt(self.indexOf(string(wanted))),
  rfind: (self, wanted = null) => BigInt(self.lastIndexOf(string(wanted))),
  count: (self, wanted = null) => BigInt(self.split(string(wanted)).length - 1),
  isdigit: (self) => /^\p{Nd}+$/u.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  isalnum: (self) => /^[\p{L}\p{N}]+$/u.test(self),
  index: (self, wanted = null) => {
    const at = self.indexOf(string(wanted));
    if (at < 0) throw new ConditionProblem("substring not found");
    return BigInt(at);
  },
};

const SEQUENCE_METHODS: Record<string, Method<Sequence>> = {
  count: (self, item = null) => BigInt(self.items.filter((each) => equal(each, item)).length),
  index: (self, item = null) => {
    const at = self.items.findIndex((each) => equal(each, item));
    if (at < 0) throw new ConditionProblem("the item is not in the list");
    return BigInt(at);
  },
};

const DICTIONARY_METHODS: Record<string, Method<Dictionary>> = {
  get: (self, key = null, fallback = null) => {
    for (const [each, value] of self.items) if (equal(each, key)) return value;
    return fallback;
  },
  keys: (self) => list([...self.items.keys()]),
  values: (self) => list([...self.items.values()]),
  items: (self) => list([...self.items].map(([key, value]) => tuple(key, value))),
};

/** Methods that take more than one argument here. */
const TWO_ARGUMENTS = new Set(["split", "rsplit", "replace", "get"]);

function bound<Self>(
  methods: Record<string, Method<Self>>,
  self: Self,
  name: string,
): Callable | undefined {
  if (!Object.hasOwn(methods, name)) return undefined;
  return new Callable(name, (args, named) => {
    if (named.size > 0 || args.length > (TWO_ARGUMENTS.has(name) ? 2 : 1)) {
      throw new BeyondSubset(`${name}() with more arguments is not supported`);
    }
    return methods[name]!(self, ...args);
  });
}

/** `of.name`. Throws BeyondSubset for what may exist in Python, but not here. */
export function attribute(of: Value, name: string): Value {
  let found: Value | undefined;
  if (of instanceof Namespace) found = of.attributes.get(name)?.();
  else if (typeof of === "string") found = bound(STRING_METHODS, of, name);
  else if (of instanceof Sequence) {
    found = of.fields.get(name) ?? bound(SEQUENCE_METHODS, of, name);
  } else if (of instanceof Dictionary) found = bound(DICTIONARY_METHODS, of, name);
  if (found === undefined) throw new BeyondSubset(`${typeName(of)} has no attribute '${name}'`);
  return found;
}
