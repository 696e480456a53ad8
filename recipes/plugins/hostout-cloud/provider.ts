/** The providers for `hosttype`: some names in the original no longer exist in libcloud. */
import { BuildoutError } from "../../../src/index.ts";

export interface Provider {
  /** As libcloud has it. */
  name: string;
  /** Implied by the name, unless the option is set. */
  region?: string;
}

/** The original's names for regions of one driver. */
const REGIONS: Readonly<Record<string, Provider>> = {
  amazon: { name: "ec2" },
  ec2_us_east: { name: "ec2", region: "us-east-1" },
  ec2_us_east_ohio: { name: "ec2", region: "us-east-2" },
  ec2_us_west: { name: "ec2", region: "us-west-1" },
  ec2_us_west_oregon: { name: "ec2", region: "us-west-2" },
  ec2_eu: { name: "ec2", region: "eu-west-1" },
  ec2_eu_west: { name: "ec2", region: "eu-west-1" },
  ec2_eu_west2: { name: "ec2", region: "eu-west-2" },
  ec2_ap_southeast: { name: "ec2", region: "ap-southeast-1" },
  ec2_ap_southeast2: { name: "ec2", region: "ap-southeast-2" },
  ec2_ap_northeast: { name: "ec2", region: "ap-northeast-1" },
  ec2_ap_northeast1: { name: "ec2", region: "ap-northeast-1" },
  ec2_ap_northeast2: { name: "ec2", region: "ap-northeast-2" },
  ec2_sa_east: { name: "ec2", region: "sa-east-1" },
  ec2_ca_central1: { name: "ec2", region: "ca-central-1" },
  rackspace_uk: { name: "rackspace_first_gen", region: "uk" },
  rackspace_nova_beta: { name: "rackspace", region: "dfw" },
  rackspace_nova_dfw: { name: "rackspace", region: "dfw" },
  rackspace_nova_lon: { name: "rackspace", region: "lon" },
  rackspace_nova_ord: { name: "rackspace", region: "ord" },
  digital_ocean: { name: "digitalocean" },
  vps_net: { name: "vpsnet" },
};

/** A driver's name for the region, and settings for current APIs. */
interface Habits {
  region: string;
  options: Readonly<Record<string, string>>;
}

const USUAL: Habits = { region: "region", options: {} };

const HABITS: Readonly<Record<string, Habits>> = {
  libvirt: { region: "region", options: { uri: "qemu:///system" } },
  // Without it, the driver looks for images where Nova no longer has them.
  openstack: { region: "ex_force_service_region", options: { api_version: "2.2" } },
};

export function driverOptions(name: string, region: string | undefined): Record<string, string> {
  const habits = Object.hasOwn(HABITS, name) ? HABITS[name]! : USUAL;
  return { ...habits.options, ...(region !== undefined && { [habits.region]: region }) };
}

/** Closed providers and their replacements. */
const GONE: Readonly<Record<string, string>> = {
  cloudframes: "libcloud no longer supports it.",
  dreamhost: "Its private servers have no API any more; DreamCompute is 'openstack'.",
  hpcloud: "HP Helion Public Cloud was shut down in January 2016.",
  ibm: "IBM SmartCloud Enterprise was replaced by SoftLayer: 'softlayer'.",
  ninefold: "It was shut down in January 2016.",
  opsource: "It became part of Dimension Data: 'dimensiondata'.",
  runabove: "It became part of OVH: 'ovh'.",
  slicehost: "Rackspace bought it and closed it: 'rackspace'.",
};

/** Throws `missing-option`, `provider-gone`. */
export function provider(hosttype: string, part: string): Provider {
  const name = hosttype.trim().toLowerCase().replaceAll("-", "_");
  if (name === "") {
    throw new BuildoutError("missing-option", `The part '${part}' has no 'hosttype' option.`, {
      hint: `Set it to a provider: 'bin/hostout ${part} list_providers' lists them.`,
    });
  }
  if (Object.hasOwn(GONE, name)) {
    throw new BuildoutError("provider-gone", `The provider '${hosttype}' no longer exists.`, {
      hint: GONE[name]!,
    });
  }
  return Object.hasOwn(REGIONS, name) ? REGIONS[name]! : { name };
}
