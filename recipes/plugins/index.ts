/** A hostout plugin that comes with this package. */
export interface NativePlugin {
  /** Values for the options that a part which extends it does not have. */
  options: ReadonlyMap<string, string>;
  /** Other options that it reads. */
  reads: readonly string[];
  /** The module whose exported functions are its commands. */
  fabfile(): Promise<Readonly<Record<string, unknown>>>;
}

const NO_OPTIONS: ReadonlyMap<string, string> = new Map();

/** The plugins that come with this package, by the name that `extends` gives them. */
export const nativePlugins: ReadonlyMap<string, NativePlugin> = new Map([
  [
    "hostout.supervisor",
    {
      options: NO_OPTIONS,
      reads: ["supervisor", "sudosupervisor", "rollingrestart", "install-on-startup", "init.d"],
      fabfile: () => import("./hostout-supervisor/fabfile.ts"),
    },
  ],
  [
    "hostout.mrdeveloper",
    {
      options: NO_OPTIONS,
      reads: [],
      fabfile: () => import("./hostout-mrdeveloper/fabfile.ts"),
    },
  ],
  [
    "hostout.datafs",
    {
      options: new Map([
        ["data", "var"],
        ["data-exclude", "*.log *.pid *.sock *.lock"],
      ]),
      reads: [],
      fabfile: () => import("./hostout-datafs/fabfile.ts"),
    },
  ],
  [
    "hostout.docker",
    {
      options: new Map([["hostimage", "ubuntu"]]),
      reads: ["docker-command", "docker-packages", "docker-ports", "docker-tag"],
      fabfile: () => import("./hostout-docker/fabfile.ts"),
    },
  ],
  [
    "hostout.pushdeploy",
    {
      options: new Map([
        ["stage-data", "false"],
        ["data", "var"],
        ["data-exclude", "*.log *.pid *.sock *.lock"],
      ]),
      reads: ["staging", "restart"],
      fabfile: () => import("./hostout-pushdeploy/fabfile.ts"),
    },
  ],
]);
