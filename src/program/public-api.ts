import type { PublicApi } from "../contract/engine.ts";

/** Loaded when the first recipe or fabfile of a user is. */
export const publicApi: PublicApi = async () => ({
  hostout: await import("../index.ts"),
  "hostout/fabfile": await import("../fabfile.ts"),
});
