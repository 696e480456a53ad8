import cmmi from "../../recipes/cmmi/index.ts";
import { type Member, writeArchive } from "./archives.ts";
import { project } from "./engine-project.ts";

/** Writes a Makefile that installs the arguments of configure. */
export const CONFIGURE = `#!/bin/sh
echo configuring foo "$@"
for word in "$@"; do
  case $word in --prefix=*) prefix=\${word#--prefix=} ;; esac
done
cat > Makefile <<END
all:
	@echo building foo
	@echo "flags: $CFLAGS" > foo
	@echo "options: $*" >> foo
install:
	@echo installing foo
	@mkdir -p $prefix/bin && cp foo $prefix/bin/foo
END
`;

/** A package that \`make\` can make. */
export function sources(top = "foo-1/", configure = CONFIGURE): Member[] {
  return [
    ...(top === "" ? [] : [{ name: top, mode: 0o755 }]),
    { name: `${top}configure`, data: configure, mode: 0o755 },
  ];
}

interface Request {
  members?: Member[];
  archive?: string;
  /** Options of [buildout]. */
  buildout?: string;
  name?: string;
}

/** A buildout with a part that builds these sources. */
export function cmmiProject(options = "", request: Request = {}) {
  const { members = sources(), archive = "foo.tgz", buildout = "", name = "foo" } = request;
  const cfg = (more: string) => `[buildout]
parts = ${name}
${buildout}
[${name}]
recipe = zc.recipe.cmmi
url = \${buildout:directory}/${archive}
${more}
`;
  const p = project({ "buildout.cfg": cfg(options) }, { "zc.recipe.cmmi": cmmi });
  writeArchive(p.path(archive), members);
  return { ...p, change: (more: string) => p.write("buildout.cfg", cfg(more)) };
}
