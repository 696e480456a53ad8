import type { PublicApi } from "../contract/engine.ts";

/** Loaded with the first recipe or fabfile of a user. */
export const publicApi: PublicApi = async () => ({
  hostout: await import("../index.ts"),
  "hostout/fabfile": await import("../fabfile.ts"),
});
