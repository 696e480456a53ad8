import { codes } from "./table.ts";

/** Machines at providers: `hostout.cloud`. */
export const MACHINES = codes({
  "machine-failed": {
    meaning: "A machine at a provider did not start as requested, or is in an error state.",
    action: "Look at it with `printnode`; `destroy` removes it.",
  },
  "machine-gone": {
    meaning: "The machine no longer exists at the provider.",
    action: "Run `create` or `deploy` for a new one.",
  },
  "machine-not-up": {
    meaning: "A machine is not running, or has no address, after `hosttimeout`. It is kept.",
    action: "Run the same command again to keep waiting, or `destroy`.",
  },
  "no-libcloud": {
    meaning: "The Python interpreter of the part cannot import libcloud.",
    action: "Let `bin/buildout` install `apache-libcloud`, or install `python3-libcloud`.",
  },
  "no-machine": {
    meaning: "The part's machine does not exist yet.",
    action: "Run `deploy` or `create`.",
  },
  "provider-failed": {
    meaning: "A provider, or its driver, refused a request.",
    action: "Read the message, which is the provider's.",
  },
  "provider-gone": {
    meaning: "`hosttype` names a provider that has closed.",
    action: "Use another one; the message says what became of it.",
  },
  "provider-login-failed": {
    meaning: "A provider rejected the credentials.",
    action: "Correct `key` and `secret`.",
  },
  "provider-quota": {
    meaning: "The account has reached its limit of machines.",
    action: "Destroy one, or ask the provider for more.",
  },
  "provider-unreachable": {
    meaning: "The provider does not answer.",
    action: "Check the network, and the endpoint in `driver-options`.",
  },
  "several-machines": {
    meaning: "The provider has several machines with this name.",
    action: "Destroy or rename all but one, with a tool of the provider.",
  },
  "unknown-image": {
    meaning: "The provider has no such image, or none is chosen.",
    action: "Set `imageid` to one that `list_images` shows.",
  },
  "unknown-provider": {
    meaning: "`hosttype` names no provider that libcloud knows.",
    action: "Set it to one that `list_providers` shows.",
  },
  "unknown-size": {
    meaning: "The provider has no such size, or none is chosen.",
    action: "Set `hostsize` or `hostsize_name` to one that `list_sizes` shows.",
  },
});
