import { codes } from "./table.ts";

/** Downloads and archives. */
export const DOWNLOADS = codes({
  "archive-damaged": {
    meaning: "The archive of a Python distribution is damaged.",
    action: "Run buildout again.",
  },
  "checksum-mismatch": {
    meaning: "A download does not have the expected checksum.",
    action:
      "Remove it from the download cache and try again; if it fails again, check the checksum.",
  },
  "download-failed": {
    meaning: "A URL could not be downloaded.",
    action: "Check the address and the network.",
  },
  "hash-mismatch": {
    meaning: "The archive of a Python distribution does not have the expected hash.",
    action: "Find out whether it was damaged or replaced.",
  },
  "host-not-allowed": {
    meaning: "A download comes from a host that `allow-hosts` does not list.",
    action: "Add the host to `allow-hosts`.",
  },
  "invalid-archive": {
    meaning: "An archive is damaged or incomplete.",
    action: "Remove it from the download cache and try again.",
  },
  offline: {
    meaning: "Something must be downloaded, but the buildout is offline.",
    action: "Run without `-o` (`offline = true`), or fill the download cache first.",
  },
  "unknown-archive": {
    meaning: "A file is not an archive of a known format.",
    action: "Check the address it comes from.",
  },
  "unsafe-archive": {
    meaning: "An archive would write outside its directory.",
    action: "Ask the author; it may be harmful.",
  },
});
