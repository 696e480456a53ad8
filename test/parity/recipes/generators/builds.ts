/** zc.recipe.cmmi and hexagonit.recipe.cmmi. */
import fc from "fast-check";
import { tarOf } from "../../../support/archives.ts";
import { type Case, type Content, lifeCycle, type Options } from "../cases.ts";
import { boolean, rarely, unknown } from "./values.ts";

/** Writes down how it was called, and a Makefile that installs that. Nothing is printed. */
const CONFIGURE = `#!/bin/sh
for word in "$@"; do
  case $word in
    --prefix=*) prefix=\${word#--prefix=} ;;
    --fail) exit 3 ;;
  esac
done
{
  for word in "$@"; do echo "argument <$word>"; done
  echo "A <$A> B <$B> CFLAGS <$CFLAGS>"
  cat patched 2>/dev/null
  [ ! -e generated ] || echo generated
} > called
cat > Makefile <<END
.SILENT:
all:
	echo "made <\\$(X)>" >> called
other:
	echo "other <\\$(X)>" >> called
install:
	mkdir -p "$prefix/bin" && cp called "$prefix/bin/called"
END
`;

const AUTOGEN = "#!/bin/sh\necho yes > generated\n[ -e configure ] || cp configure.in configure\n";

const PATCH = "--- patched\n+++ patched\n@@ -1 +1 @@\n-before\n+after\n";

const trees = ["", "top/"].flatMap((top) => [
  [
    { name: `${top}configure`, data: CONFIGURE, mode: 0o755 },
    { name: `${top}patched`, data: "before\n" },
  ],
  [
    { name: `${top}configure.in`, data: CONFIGURE, mode: 0o755 },
    { name: `${top}autogen.sh`, data: AUTOGEN, mode: 0o755 },
    { name: `${top}patched`, data: "before\n" },
  ],
]);

const sources = fc
  .constantFrom(...trees, [{ name: "README", data: "nothing to build" }])
  .map((members): Content => ({ base64: tarOf(members).toString("base64") }));

const environment = rarely(
  fc.constantFrom(
    "A=1",
    "A=1 B=2",
    "\nA=1\nB=2",
    "A=one two three",
    "CFLAGS=-O2 -g A=x=y",
    "1A=2",
    "word",
    "",
    "A=",
    "A=$HOME B='q'",
  ),
  0,
);

const options = fc.record({
  md5sum: rarely(fc.constantFrom("0".repeat(32), "")),
  extra_options: rarely(
    fc.constantFrom("--one", "\n--one\n--two=2", "--fail", "--q='a b'", "", "  --x   --y "),
    0,
  ),
  environment,
  patch: rarely(
    fc.constantFrom("${buildout:directory}/fix.patch", "", "${buildout:directory}/nopatch"),
    0,
  ),
  patch_options: rarely(fc.constantFrom("-p0", "-p0 -s", "-p1"), 3),
  "patch-md5sum": rarely(fc.constantFrom("0".repeat(32), ""), 6),
  autogen: fc.option(fc.constantFrom("autogen.sh", "autogen.sh", "", "missing.sh"), {
    nil: undefined,
    freq: 1,
  }),
  "source-directory-contains": rarely(
    fc.constantFrom("configure", "configure.in", "patched", "missing", ""),
    1,
  ),
  "configure-command": rarely(
    fc.constantFrom("./configure", "sh configure", "", "A=5 ./configure"),
    1,
  ),
  "configure-options": rarely(
    fc.constantFrom(
      "--prefix=${buildout:directory}/parts/p",
      "\n--one\n--prefix=${buildout:directory}/other",
      "",
    ),
    1,
  ),
  location: rarely(fc.constantFrom("${buildout:directory}/else", "${buildout:directory}"), 2),
  shared: rarely(fc.constantFrom("true", "${buildout:directory}/shared", "false", ""), 2),
  unknown,
});

export const builds: fc.Arbitrary<Case> = fc
  .record({
    source: sources,
    first: options,
    second: options,
    cache: fc.boolean(),
    remove: fc.boolean(),
  })
  .map(({ source, first, second, cache, remove }) => {
    const sketch = (own: Options) => ({
      recipe: "zc.recipe.cmmi",
      options: { url: "${buildout:directory}/sources.tar", ...own },
      buildout: cache ? { "download-cache": "${buildout:directory}/cache" } : {},
    });
    return lifeCycle(
      sketch(first),
      { "sources.tar": source, "fix.patch": PATCH, "shared/": "", "cache/": "", "else/": "" },
      { second: sketch(second), changed: remove ? { "parts/p": null } : {} },
    );
  });

const hexagonitOptions = fc.record({
  md5sum: rarely(fc.constantFrom("0".repeat(32), "")),
  prefix: rarely(
    fc.constantFrom("${buildout:directory}/other", "${buildout:directory}/parts/q"),
    2,
  ),
  "configure-command": rarely(
    fc.constantFrom("./configure", "", "sh ./configure --prefix=${buildout:directory}/own"),
    1,
  ),
  "configure-options": rarely(
    fc.constantFrom(
      "--one",
      "\n--one\n--two",
      "--prefix=${buildout:directory}/here",
      "--fail",
      "--q='a b'",
    ),
    1,
  ),
  "make-binary": rarely(
    fc.constantFrom("make", " make -s ", "true", "nosuchmake-x 2>/dev/null"),
    2,
  ),
  "make-options": rarely(fc.constantFrom("X=1", "\nX=1\nY=2", "X='a b'", "-s"), 1),
  "make-targets": rarely(
    fc.constantFrom("install", "other install", "\nother\ninstall", "", "missing"),
    1,
  ),
  "patch-binary": rarely(fc.constantFrom("patch", "cat >/dev/null", ""), 3),
  "patch-options": rarely(fc.constantFrom("-p0", "-s -p0", "-p1 -f", ""), 3),
  patches: rarely(
    fc.constantFrom("${buildout:directory}/fix.patch", "", "${buildout:directory}/nopatch"),
    1,
  ),
  "keep-compile-dir": rarely(boolean, 1),
  "environment-section": rarely(fc.constantFrom("env", "nosuch", "", " env "), 1),
  environment: rarely(
    fc.constantFrom(
      "A=1",
      "\nA=1\nB=two words",
      "A=%(LANG_OF_TEST)s",
      "word",
      "A=%(NOSUCH)s",
      "A=50%",
      "A=50%%",
      "A = b ",
      "A=%s",
      "A=x=y",
    ),
    1,
  ),
  unknown,
});

export const hexagonitBuilds: fc.Arbitrary<Case> = fc
  .record({
    source: sources,
    from: fc.constantFrom("url", "url", "url", "path", "both", "none"),
    first: hexagonitOptions,
    second: hexagonitOptions,
  })
  .map(({ source, from, first, second }) => {
    const place: Record<string, Options> = {
      url: { url: "${buildout:directory}/sources.tar" },
      path: { path: "${buildout:directory}/src" },
      both: { url: "${buildout:directory}/sources.tar", path: "src" },
      none: { url: "", path: undefined },
    };
    const sketch = (own: Options) => ({
      recipe: "hexagonit.recipe.cmmi",
      options: { ...place[from], ...own },
      sections: { env: { B: "section", CFLAGS: "-O2" } },
    });
    const files: Record<string, Content> = {
      "sources.tar": source,
      "fix.patch": PATCH,
      "src/configure": { text: CONFIGURE, mode: 0o755 },
      "src/patched": "before\n",
    };
    return lifeCycle(sketch(first), files, { second: sketch(second) });
  });
