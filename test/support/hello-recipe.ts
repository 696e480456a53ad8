/** A recipe in Python, of the package `hello`, that installs the package and makes its script. */
export const HELLO_RECIPE = `import sys
from zc.buildout import easy_install

class Recipe:
    def __init__(self, buildout, name, options):
        self.main = buildout["buildout"]

    def install(self):
        main = self.main
        ws = easy_install.install(
            ["hello"], main["eggs-directory"], index=main.get("index"), links=main.get("find-links", "").split(),
            path=[main["develop-eggs-directory"]],
        )
        return easy_install.scripts([("hello", "hello", "main")], ws, sys.executable, main["bin-directory"])

    update = install
`;
