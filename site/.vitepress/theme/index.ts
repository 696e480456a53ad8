import "@fontsource-variable/source-sans-3";
import "@fontsource-variable/source-serif-4";
import "@fontsource/ibm-plex-mono/400.css";
import Theme from "vitepress/theme-without-fonts";
import { h } from "vue";
import { Missing, Start } from "./start.ts";
import "./style.css";

export default {
  extends: Theme,
  Layout: () =>
    h(Theme.Layout, null, { "doc-before": () => h(Start), "not-found": () => h(Missing) }),
};
