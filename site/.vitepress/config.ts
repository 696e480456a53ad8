import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import { collect, fileOf, root, sidebar, target } from "./pages.ts";
import { searchDialog } from "./search-dialog.ts";

const base = process.env.SITE_BASE ?? "/";

export default defineConfig({
  title: "hostout",
  description: "Build from one configuration, and deploy it over SSH",
  lang: "en-US",
  base,
  head: [["link", { rel: "icon", type: "image/svg+xml", href: `${base}icon.svg` }]],
  srcDir: collect(),
  outDir: `${root}site-dist`,
  cacheDir: `${root}.cache/site`,
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    languageAlias: { console: "shellsession", cfg: "ini", conf: "ini" },
    // Links in the documents have the anchors that the repository's pages give headings.
    anchor: { slugify: slug },
    config(md) {
      // The first column of some tables needs no heading, and a heading needs words.
      md.core.ruler.push("empty-headings", ({ tokens }) => {
        for (const [at, token] of tokens.entries()) {
          if (token.type !== "th_open" || tokens[at + 1]?.content !== "") continue;
          token.tag = "td";
          tokens[at + 2]!.tag = "td";
        }
      });
      md.core.ruler.push("links-between-files", ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const link = token.type === "link_open" && token.attrGet("href");
          if (link) token.attrSet("href", target(fileOf(env.relativePath), link));
        }
      });
    },
  },
  vite: { plugins: [searchDialog] },
  themeConfig: {
    search: { provider: "local" },
    sidebar: sidebar(),
    outline: { level: [2, 3], label: "On this page" },
    externalLinkIcon: false,
    socialLinks: [{ icon: "github", link: "https://github.com/hostout/hostout" }],
  },
});
