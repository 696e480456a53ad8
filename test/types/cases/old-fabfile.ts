// Fabfiles may import everything from "hostout" too.
import { api, parallel, serial, task } from "hostout";

export const hello = task("Greet", () => api.run("echo hello"));
export const both = [parallel(hello), serial(hello)];
