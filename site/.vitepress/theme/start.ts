import { useData, withBase } from "vitepress";
import { h } from "vue";

const ABOUT =
  "hostout runs the configurations of zc.buildout on Node, shows what a deployment would change, " +
  "deploys, and goes back if you need to. Nothing has to be on the host but sshd.";
const PICTURE =
  "A terminal: hostout shows a plan, deploys it, and goes back to an earlier release.";

const way = (page: string, text: string) => h("a", { href: withBase(`/${page}.html`) }, text);

const picture = (scheme: string) =>
  h("img", { class: scheme, src: withBase(`/images/terminal-${scheme}.svg`), alt: PICTURE });

/** Above the map of the documents: what this is. */
export function Start() {
  if (useData().page.value.relativePath !== "index.md") return undefined;
  return h("section", { class: "start", "aria-label": "What it is" }, [
    h("p", { class: "name" }, "Build from one configuration, and deploy it over SSH."),
    h("p", { class: "about" }, ABOUT),
    h("p", { class: "ways" }, [
      way("tutorial", "Ten-minute tutorial"),
      way("from-zc-buildout", "Coming from zc.buildout"),
    ]),
    picture("light"),
    picture("dark"),
  ]);
}

/** What stands in place of a page that is not there. */
export const Missing = () =>
  h("main", { class: "missing" }, [
    h("h1", "There is no such page"),
    h("p", [
      "Start from the ",
      h("a", { href: withBase("/") }, "overview"),
      ", or look for it with the search.",
    ]),
  ]);
