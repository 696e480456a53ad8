/** Modules of ssh2 that are missing from its own types. */
declare module "ssh2/lib/protocol/constants.js" {
  const constants: Record<
    `${"DEFAULT" | "SUPPORTED"}_${"KEX" | "CIPHER" | "MAC" | "SERVER_HOST_KEY"}`,
    string[]
  >;
  export default constants;
}

declare module "ssh2/lib/protocol/utils.js" {
  const utils: { sendPacket(protocol: unknown, packet: Buffer): boolean };
  export default utils;
}
