// A program that deploys, as users write it. Each line below an error mark must be refused.
import { type DeployOptions, deploy, type HostResult, hosts, plan } from "hostout/deploy";

const options: DeployOptions = {
  directory: "/srv/buildout",
  hosts: ["@web", "!web3"],
  rollout: "1 25% 100%",
  maxFail: "10%",
  signal: AbortSignal.timeout(1000),
  onEvent(event) {
    if (event.type === "step") event.step.step.toUpperCase();
    if (event.type === "error") event.code.toUpperCase();
  },
  ask: async (question, { hidden = false } = {}) => `${question} ${hidden}`,
};

export async function run() {
  const roles: readonly string[][] = (await hosts(options)).map((host) => [...host.roles]);
  const changes = (await plan(options)).some((one) => one.plan?.changes);
  const results: HostResult[] = await deploy(options);
  const codes: string[] = results.flatMap(({ error }) => error?.code ?? []);
  return [roles, changes, codes];
}

// @ts-expect-error: the directory is missing
void deploy({ hosts: ["web1"] });

// @ts-expect-error: there is no such option
void deploy({ directory: ".", paralel: 8 });
