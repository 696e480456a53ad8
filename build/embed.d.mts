import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Plugin } from "vite";

export const textLoaders: { readonly ".py": "text"; readonly ".sh": "text" };

/** Lets esbuild embed Python modules. */
export const embedPython: EsbuildPlugin;

/** Lets tests import Python modules as the build embeds them. */
export const embedPythonInTests: Plugin;
