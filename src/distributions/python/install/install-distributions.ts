import { BuildoutError } from "../../../errors/error.ts";
import { type Candidate, type Environment, readEnvironment } from "../environment.ts";
import { readInterpreter } from "../interpreter.ts";
import { Pins } from "../pins.ts";
import type { PythonDistribution } from "../python-distribution.ts";
import { normalizeName } from "../requirement.ts";
import { findInstalled, requirersOf, type WorkingSet } from "../working-set.ts";
import { checkExtras, checkInterpreter, checkPicked, isPicked, missingOffline } from "./checks.ts";
import type { PythonInstallRequest, Situation } from "./request.ts";

export type { PythonInstallRequest } from "./request.ts";

function look(situation: Situation, pins: Pins): { environment: Environment; set: WorkingSet } {
  const { request, interpreter, provided } = situation;
  const environment = readEnvironment({
    ...request,
    interpreter,
    allowsVersion: (key, version) => pins.allowsVersion(key, version),
  });
  const { requirements, preferFinal, asker } = request;
  const { facts } = interpreter;
  const set = findInstalled({
    ...{ requirements, environment, pins, provided, preferFinal, asker, facts },
  });
  return { environment, set };
}

/** zc.buildout's order on sys.path: packages under development, eggs, the interpreter's own. */
function distributionsOf(set: WorkingSet, pins: Pins): PythonDistribution[] {
  const place = ({ developed, shared }: Candidate) => (developed ? 0 : shared ? 2 : 1);
  const members = [...set.members].sort((a, b) => place(a) - place(b));
  const roots = new Set(
    set.demands.filter(({ by }) => by === undefined).map(({ requirement }) => requirement.key),
  );
  return members.map((member) => ({
    kind: "python",
    name: member.name,
    version: member.version,
    requiredBy: roots.has(member.key) ? [] : requirersOf(set, member.name),
    location: member.location,
    metadata: member.metadata,
    developed: member.developed,
    shared: member.shared,
    picked: isPicked(set, member, pins),
  }));
}

function finish({ request, interpreter, pins }: Situation, set: WorkingSet): PythonDistribution[] {
  checkInterpreter(set, interpreter);
  checkExtras(set, request.allowUnknownExtras === true, request.report);
  if (!request.allowPicked) checkPicked(set, pins, request.asker);
  return distributionsOf(set, pins);
}

/** When looking for newer versions, these mean that there are none, as in zc.buildout. */
const NOTHING_NEWER = new Set([
  "index-refused",
  "index-unreachable",
  "package-not-found",
  "version-not-found",
]);

/**
 * The distributions that satisfy the requirements, with dependencies, in the order of sys.path; installed
 * if missing. Neither Python nor pip is started if all are installed and either pinned or `newest` is
 * false.
 *
 * Throws `interpreter-missing`, `interpreter-broken`, `invalid-requirement`, `invalid-version`,
 * `version-conflict`, `unpinned-version`, `unknown-extra`, `wrong-interpreter`, `offline`,
 * `host-not-allowed`, `package-not-found`, `version-not-found`, `hash-mismatch`, `archive-damaged`,
 * `build-failed`, `unsafe-archive`, `index-unreachable`, `index-refused`, `pip-missing`, `uv-missing`,
 * `install-failed`.
 */
export async function installPythonDistributions(
  request: PythonInstallRequest,
): Promise<PythonDistribution[]> {
  const interpreter = readInterpreter(request.executable, request.directory);
  const { versions, asker } = request;
  const locate = (option: string) => request.locatePin?.(option);
  const pins = new Pins({ versions, locate, asker });
  const provided = new Set([...(request.provided?.keys() ?? [])].map(normalizeName));
  const situation = { request, interpreter, pins, provided };

  const { environment, set } = look(situation, pins);
  const hopeless = set.conflicts.find(({ final }) => final || request.offline);
  if (hopeless) throw hopeless.error;
  const isComplete = set.missing.length === 0 && set.conflicts.length === 0;
  if (isComplete && !(request.newest && set.open.length > 0)) return finish(situation, set);
  if (request.offline) throw missingOffline(set, asker);

  const { obtain } = await import("./obtain.ts");
  let chosen: ReadonlyMap<string, string>;
  try {
    chosen = await obtain(situation, environment, set);
  } catch (error) {
    if (!isComplete || !(error instanceof BuildoutError) || !NOTHING_NEWER.has(error.code))
      throw error;
    const message = `${error.message} Using what is installed.`;
    request.report({ type: "warning", code: error.code, message });
    return finish(situation, set);
  }
  // All choices are installed now: use one version of each, whatever else is installed.
  const found = look(situation, new Pins({ versions: chosen, locate, asker })).set;
  const failed = found.conflicts[0]?.error ?? (found.missing[0] && missingOffline(found, asker));
  if (failed) throw failed;
  return finish(situation, found);
}
