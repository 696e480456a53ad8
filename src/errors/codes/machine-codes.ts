import { codes } from "./table.ts";

/** Machines at providers: `hostout.cloud`. */
export const MACHINES = codes({
  "machine-failed": {
    meaning: "A machine at a provider did not start as ordered, or is in a state of error.",
    action: "Look at it with `printnode`; `destroy` removes it.",
  },
  "machine-gone": {
    meaning: "The provider no longer has the machine that was made.",
    action: "Run `create` or `deploy` for a new one.",
  },
  "machine-not-up": {
    meaning:
      "A machine does not run, or has no address, after the time of `hosttimeout`. It is kept.",
    action: "Run the same command again to go on waiting, or `destroy`.",
  },
  "no-libcloud": {
    meaning: "The Python interpreter of the part cannot import libcloud.",
    action: "Let `bin/buildout` install `apache-libcloud`, or install `python3-libcloud`.",
  },
  "no-machine": {
    meaning: "The machine of the part is not there yet.",
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
    meaning: "A provider does not accept the account.",
    action: "Correct `key` and `secret`.",
  },
  "provider-quota": {
    meaning: "The account may not have another machine.",
    action: "Destroy one, or ask the provider for more.",
  },
  "provider-unreachable": {
    meaning: "The provider does not answer.",
    action: "Check the network, and the endpoint in `driver-options`.",
  },
  "several-machines": {
    meaning: "The provider has several machines of the name.",
    action: "Destroy or rename all but one, with a tool of the provider.",
  },
  "unknown-image": {
    meaning: "The provider has no such image, or nothing says which one to use.",
    action: "Set `imageid` to one that `list_images` shows.",
  },
  "unknown-provider": {
    meaning: "`hosttype` names no provider that libcloud knows.",
    action: "Set it to one that `list_providers` shows.",
  },
  "unknown-size": {
    meaning: "The provider has no such size, or nothing says which one to use.",
    action: "Set `hostsize` or `hostsize_name` to one that `list_sizes` shows.",
  },
});
