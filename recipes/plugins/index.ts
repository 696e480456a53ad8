/** A hostout plugin that comes with this package. */
export interface NativePlugin {
  /** Defaults for options of the extending part. */
  options: ReadonlyMap<string, string>;
  /** Other options that it reads. */
  reads: readonly string[];
  /** Python distributions that it needs, depending on the options of the part. */
  requires?(options: { get(name: string): string | undefined }): readonly string[];
  /** The module whose exported functions are its commands. */
  fabfile(): Promise<Readonly<Record<string, unknown>>>;
}

const NO_OPTIONS: ReadonlyMap<string, string> = new Map();

/** The plugins that come with this package, by their names in `extends`. */
export const nativePlugins: ReadonlyMap<string, NativePlugin> = new Map<string, NativePlugin>([
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
    "hostout.cloud",
    {
      options: new Map([["hosttimeout", "600"]]),
      reads: [
        ...["hosttype", "hostsize", "hostsize_name", "hostlocation", "imageid"],
        ...["key", "secret", "region", "driver-options", "create-options"],
      ],
      requires: (options) => {
        const isLibvirt = options.get("hosttype")?.trim().toLowerCase() === "libvirt";
        return ["apache-libcloud", ...(isLibvirt ? ["libvirt-python", "pycdlib"] : [])];
      },
      fabfile: () => import("./hostout-cloud/fabfile.ts"),
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
