/** A buildout that makes one page, here and on the host; without packages, so without a registry. */
export const PAGE_FILES = {
  "base.cfg": `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
greeting = hello
input = templates/page.in
`,
  "prod.cfg": "[buildout]\nextends = base.cfg\n",
  "templates/page.in": "<p>${greeting}</p>\n",
};
