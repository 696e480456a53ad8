// The site in Chromium: on a small and a wide screen, light and dark, with the keyboard alone.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pages, serve, startBrowser } from "./support.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Pages of each kind, the longest one, and those with the widest tables. */
const SAMPLE = [
  "index.html",
  "tutorial.html",
  "hostout.html",
  "language.html",
  "errors.html",
  "recipe/cmmi.html",
  "404.html",
];
const WIDTHS = [360, 1280];
const SCHEMES = ["light", "dark"];
/** Where to keep pictures of the sample, for a person to look at. */
const pictures = process.env.SITE_PICTURES;

let site;
let browser;
before(async () => {
  site = await serve();
  browser = await startBrowser();
  if (pictures) mkdirSync(pictures, { recursive: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A page of the browser, and what it asked other machines for. */
async function open(width) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const elsewhere = [];
  await context.route(
    (url) => !url.href.startsWith(site.url) && !/^(data|blob):$/.test(url.protocol),
    (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    },
  );
  const page = await context.newPage();
  const visit = async (path) => {
    await page.goto(site.url + path, { waitUntil: "load" });
    await page.evaluate(() => document.fonts.ready);
    // Keys and menus work once the page's program has started.
    await page.waitForFunction(() => document.querySelector("#app").__vue_app__ !== undefined);
  };
  return { page, visit, elsewhere, close: () => context.close() };
}

test("no page is wider than its screen, and none asks another machine", async () => {
  const { page, visit, elsewhere, close } = await open(WIDTHS[0]);
  const wide = [];
  for (const path of pages) {
    await visit(path);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (overflow > 0) wide.push(`${path} at ${width} px: ${overflow} px`);
    }
  }
  await close();
  assert.deepEqual({ wide, elsewhere }, { wide: [], elsewhere: [] });
});

for (const path of SAMPLE) {
  test(`axe finds nothing in ${path}`, async () => {
    const { page, visit, close } = await open(WIDTHS[0]);
    await visit(path);
    await page.evaluate(axe);
    const found = [];
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.waitForFunction(
        (dark) => document.documentElement.classList.contains("dark") === dark,
        scheme === "dark",
      );
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        if (pictures) {
          const name = `${path.replace(/\W/g, "-")}-${width}-${scheme}.png`;
          await page.screenshot({ path: join(pictures, name) });
        }
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        for (const { id, nodes } of violations) {
          const places = nodes.slice(0, 3).map(({ target }) => target.join(" "));
          found.push(`${width} px, ${scheme}: ${id}: ${places.join(", ")}`);
        }
      }
    }
    await close();
    assert.deepEqual(found, []);
  });
}

test("axe finds nothing in the open search, with results and without", async () => {
  const { page, visit, close } = await open(WIDTHS[1]);
  await visit("index.html");
  await page.evaluate(axe);
  await page.keyboard.press("Control+k");
  const input = page.locator(".VPLocalSearchBox input");
  const shown = { "": ".shell", rollback: "[role=option]", zzzzz: ".no-results" };
  const found = [];
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      for (const [words, place] of Object.entries(shown)) {
        await input.fill(words);
        await page.locator(`.VPLocalSearchBox ${place}`).first().waitFor();
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        for (const { id, nodes } of violations) {
          const places = nodes.slice(0, 3).map(({ target }) => target.join(" "));
          found.push(`${width} px, ${scheme}, '${words}': ${id}: ${places.join(", ")}`);
        }
      }
    }
  }
  await close();
  assert.deepEqual(found, []);
});

test("code can be read on a small screen", async () => {
  const { page, visit, close } = await open(360);
  await visit("language.html");
  const code = page.locator(".vp-doc pre code").first();
  const size = await code.evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
  assert.ok(size >= 13, `${size} px`);
  await close();
});

describe("with the keyboard", () => {
  test("the first stop skips to the content, and what has the focus is marked", async () => {
    const { page, visit, close } = await open(1280);
    await visit("hostout.html");
    await page.keyboard.press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement.textContent.trim()),
      "Skip to content",
    );
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const style = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(style, "none");
    await close();
  });

  test("a page is found and opened", async () => {
    const { page, visit, close } = await open(1280);
    await visit("index.html");
    await page.keyboard.press("Control+k");
    await page.locator(".VPLocalSearchBox input").waitFor();
    await page.keyboard.type("rollback-on-failure");
    await page.locator(".VPLocalSearchBox .result").first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/hostout\.html#/);
    await close();
  });

  test("the menu of a small screen opens", async () => {
    const { page, visit, close } = await open(360);
    await visit("hostout.html");
    await page.locator(".VPLocalNav button.menu").focus();
    await page.keyboard.press("Enter");
    await page.locator(".VPSidebar.open").waitFor();
    await close();
  });
});
