import { BuildoutError } from "../../src/index.ts";
import { FilesystemFolder } from "./filesystem.ts";
import { GitWorkingCopy } from "./git.ts";
import { SUPPORTED_KINDS } from "./kind-names.ts";
import { MercurialWorkingCopy } from "./mercurial.ts";
import { SubversionWorkingCopy } from "./subversion.ts";
import type { WorkingCopy, WorkingCopyContext } from "./working-copy.ts";

const CLASSES: Record<
  (typeof SUPPORTED_KINDS)[number],
  new (
    context: WorkingCopyContext,
  ) => WorkingCopy
> = {
  git: GitWorkingCopy,
  hg: MercurialWorkingCopy,
  svn: SubversionWorkingCopy,
  fs: FilesystemFolder,
};

/** The working copy of a source. Throws `unsupported-repository`. */
export function workingCopyOf(context: WorkingCopyContext): WorkingCopy {
  const { kind, name } = context.source;
  const WorkingCopyOfKind = CLASSES[kind as keyof typeof CLASSES];
  if (WorkingCopyOfKind !== undefined) return new WorkingCopyOfKind(context);
  throw new BuildoutError(
    "unsupported-repository",
    `Repositories of type '${kind}' are not supported: source '${name}'.`,
    {
      hint: `Supported are ${SUPPORTED_KINDS.join(", ")}. With 'fs', you manage the directory yourself; 'native-recipes = false' uses mr.developer for Python.`,
    },
  );
}
