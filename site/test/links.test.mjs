// Links and anchors of the built pages, and what they load.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { dist, pages } from "./support.mjs";

const html = new Map(pages.map((page) => [page, readFileSync(join(dist, page), "utf8")]));
const plain = (text) => text.replaceAll("&amp;", "&").replaceAll("&#39;", "'");
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, one]) => plain(one));
const anchors = new Map(
  [...html].map(([page, text]) => [page, new Set(all(text, /\sid="([^"]+)"/g))]),
);

/** The page that a link of another leads to, and the anchor there. */
function destination(from, link) {
  const [path, anchor] = link.split("#");
  if (path === "") return { page: from, anchor };
  const joined = path.startsWith("/") ? path.slice(1) : posix.join(dirname(from), path);
  const page = joined === "" || joined.endsWith("/") ? `${joined}index.html` : joined;
  return { page: page.replace(/^\.\//, ""), anchor };
}

test("every link leads to a page, and to a heading where it names one", () => {
  const broken = [];
  for (const [from, text] of html) {
    for (const link of all(text, /<a\s[^>]*?href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const { page, anchor } = destination(from, link);
      const isThere = html.has(page) || existsSync(join(dist, page));
      const hasAnchor =
        anchor === undefined ||
        !html.has(page) ||
        anchors.get(page).has(decodeURIComponent(anchor));
      if (!isThere || !hasAnchor) broken.push(`${from}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

test("every page is in the sidebar or linked from another", () => {
  const linked = new Set(["index.html", "404.html"]);
  for (const [from, text] of html) {
    for (const link of all(text, /<a\s[^>]*?href="([^"]+)"/g)) {
      linked.add(destination(from, link).page);
    }
  }
  assert.deepEqual(
    pages.filter((page) => !linked.has(page)),
    [],
  );
});

test("nothing is loaded from elsewhere", () => {
  const loads =
    /<(?:script|link|img|source|iframe)\s[^>]*?(?:src|href|srcset)="((?:https?:)?\/\/[^"]+)"/g;
  const elsewhere = [...html].flatMap(([page, text]) =>
    all(text, loads).map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(elsewhere, []);
});
