import type { Plugin } from "vite";

/** Lets tests import Python modules as the build embeds them. */
export const embedPythonInTests: Plugin;
