/** gp.recipe.node, with small programs in place of node and npm. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { tarOf } from "../../../support/archives.ts";
import { type Case, type Content, lifeCycle, type Options } from "../cases.ts";
import { rarely, unknown } from "./values.ts";

/** Installs each package as one command and one directory; `nopackage` does not exist. */
const NPM = `#!/bin/sh
prefix=$HOME
mode=
names=
for word in "$@"; do
  case $word in
    --prefix=*) prefix=\${word#--prefix=} ;;
    -*) ;;
    set) exit 0 ;;
    install | ls) mode=$word ;;
    *) names="$names $word" ;;
  esac
done
for name in $names; do
  [ "$name" != nopackage ] || exit 1
  if [ "$mode" = ls ]; then
    [ -e "$prefix/bin/$name" ] || exit 1
    continue
  fi
  mkdir -p "$prefix/bin" "$prefix/lib/node_modules/$name"
  printf '#!/usr/bin/env node\\n' > "$prefix/bin/$name"
  chmod 755 "$prefix/bin/$name"
done
[ "$mode" != ls ] || printf '{"dependencies": {"less": {}}}'
exit 0
`;

const NODE = "#!/bin/sh\necho node\n";

function distribution(top: string): Content {
  const members = [
    { name: `${top}bin/`, mode: 0o755 },
    { name: `${top}bin/node`, data: NODE, mode: 0o755 },
    { name: `${top}bin/npm`, data: NPM, mode: 0o755 },
    { name: `${top}bin/npx`, data: "#!/usr/bin/env node\nnpx\n", mode: 0o755 },
  ];
  return { base64: gzipSync(tarOf(members)).toString("base64") };
}

const options = fc.record({
  version: fc.constantFrom("1.2.3", "1.2.3", "4.5"),
  npms: rarely(fc.constantFrom("less", "less\nsass", "less sass less", "", "nopackage"), 0),
  scripts: rarely(
    fc.constantFrom("less", "less npx", "\nless\nnode", "npx", "", "lessc", "npm less"),
    1,
  ),
  "node-path": rarely(fc.constantFrom("a", "${buildout:directory}/a\n/b", ""), 3),
  "node-directory": rarely(
    fc.constantFrom("${buildout:directory}/own", "${buildout:directory}/parts/p", ""),
    2,
  ),
  binary: rarely(
    fc.constantFrom("${buildout:directory}/mine/bin/node", "${buildout:directory}/none/node", ""),
    4,
  ),
  "relative-paths": rarely(fc.constantFrom("true", "false", "yes", ""), 3),
  unknown,
});

export const nodes: fc.Arbitrary<Case> = fc
  .record({
    first: options,
    second: options,
    top: fc.constantFrom("node-v1/", "node-v1/", ""),
    common: rarely(fc.constant("${buildout:directory}/shared"), 4),
    offline: rarely(fc.constantFrom("true", "false"), 4),
  })
  .map(({ first, second, top, common, offline }) => {
    const sketch = (own: Options) => ({
      recipe: "gp.recipe.node",
      options: {
        "binary-url": "file://${buildout:directory}/node-{v}-{p}-{a}.tar.gz",
        ...own,
      },
      buildout: { "node-directory": common, offline },
    });
    const packed = distribution(top);
    const files: Record<string, Content> = {
      "node-1.2.3-linux-x64.tar.gz": packed,
      "node-4.5-linux-x64.tar.gz": packed,
      "mine/bin/node": { text: NODE, mode: 0o755 },
      "mine/bin/npm": { text: NPM, mode: 0o755 },
    };
    return lifeCycle(sketch(first), files, { second: sketch(second) });
  });
