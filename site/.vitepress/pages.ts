// Which Markdown files are pages of the site, where they are on it, and where the sidebar has them.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const REPOSITORY = "https://github.com/hostout/hostout/blob/main/";

/** From a file's path to that of its page; the first that fits counts. */
const PLACES: readonly [RegExp, string][] = [
  [/^docs\/decisions\/README\.md$/, "decisions/index.md"],
  [/^docs\/(.+\.md)$/, "$1"],
  [/^recipes\/plugins\/([\w-]+)\/README\.md$/, "plugins/$1.md"],
  [/^recipes\/([\w-]+)\/README\.md$/, "recipe/$1.md"],
  [/^SECURITY\.md$/, "security-policy.md"],
  [/^(CHANGELOG|CONTRIBUTING|RELEASING)\.md$/, "$1.md"],
];

function place(file: string): string | undefined {
  const [pattern, page] = PLACES.find(([one]) => one.test(file)) ?? [];
  return pattern && file.replace(pattern, page!).toLowerCase();
}

const below = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
    join(folder, name),
  );

/** A file's path -> its page's. */
const pages: Readonly<Record<string, string>> = Object.fromEntries(
  [...readdirSync(root), ...below("docs"), ...below("recipes")].sort().flatMap((file) => {
    const page = place(file);
    return page === undefined ? [] : [[file, page]];
  }),
);

const files = new Map(Object.entries(pages).map(([file, page]) => [page, file]));

/** The file that a page is made from. */
export const fileOf = (page: string): string => files.get(page)!;

/**
 * Puts the pages into a folder of their own, since VitePress finds its own modules only from below
 * this one. Returns the folder.
 */
export function collect(): string {
  const folder = fileURLToPath(new URL("../.pages", import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  for (const [file, page] of Object.entries(pages)) {
    cpSync(join(root, file), join(folder, page), { recursive: true });
  }
  const images = join(root, "docs/images");
  cpSync(join(root, "site/icon.svg"), join(folder, "public/icon.svg"));
  for (const place of ["images", "public/images"]) {
    cpSync(images, join(folder, place), { recursive: true });
  }
  return folder;
}

/** The start of the site is the map of the documents, which the README of the project leads to. */
const START = ["README.md", "docs/index.md", "."];

/**
 * Where a link of a file leads on the site: to a page, or to the repository for what is none.
 * Throws if there is no such file.
 */
export function target(file: string, link: string): string {
  const [path = "", hash] = link.split("#");
  if (path === "" || /^[a-z]+:/.test(path)) return link;
  const named = join(dirname(file), decodeURI(path));
  const anchor = hash === undefined ? "" : `#${hash}`;
  if (!existsSync(join(root, named))) throw new Error(`${file}: no such file: ${link}`);
  if (START.includes(named)) return `/${anchor}`;
  const page = pages[named] ?? pages[join(named, "README.md")];
  return page === undefined ? `${REPOSITORY}${named}${anchor}` : `/${page}${anchor}`;
}

function title(file: string): string {
  const [, text = file] = /^# (.+)$/m.exec(readFileSync(join(root, file), "utf8")) ?? [];
  return text.replaceAll("`", "");
}

/** What the sidebar has: pages by name, or all whose page begins so. */
const GROUPS: readonly { text: string; pages: readonly (string | RegExp)[] }[] = [
  { text: "Start", pages: ["index", "tutorial", "repository", "faq", "glossary"] },
  { text: "Coming from", pages: ["from-zc-buildout", "from-collective-hostout", /^from-/] },
  {
    text: "Deploying",
    pages: ["hostout", "operations", "ci", "security", "troubleshooting", "performance", "support"],
  },
  { text: "Buildout", pages: ["language", "recipes", "differences"] },
  { text: "Extending", pages: ["fabfiles", "writing-recipes", "writing-plugins"] },
  { text: "Reference", pages: ["errors", "events", "ssh-config", "fabric-env"] },
  { text: "Recipes", pages: [/^recipe\//] },
  { text: "Plugins", pages: [/^plugins\//] },
  {
    text: "The project",
    pages: [
      "changelog",
      "contributing",
      "architecture",
      /^decisions\/index/,
      "security-policy",
      /^(?!decisions)/,
    ],
  },
];

/** Every page is in the first group that asks for it; single decisions are in their index only. */
export function sidebar() {
  const left = new Map([...files].map(([page, file]) => [page.slice(0, -3), file]));
  return GROUPS.map(({ text, pages: wanted }) => {
    const items = wanted.flatMap((one) => {
      const names = [...left.keys()].filter((name) =>
        typeof one === "string" ? name === one : one.test(name),
      );
      return names.map((name) => {
        const file = left.get(name)!;
        left.delete(name);
        return {
          text: name === "index" ? "Overview" : title(file),
          link: `/${name.replace(/\bindex$/, "")}`,
        };
      });
    });
    return { text, items };
  }).filter(({ items }) => items.length > 0);
}
