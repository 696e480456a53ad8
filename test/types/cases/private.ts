// Names that are not public cannot be imported.
// @ts-expect-error: a module of the engine
import "hostout/dist/cli/buildout.js";
// @ts-expect-error: a name that only the engine uses
import { loadModule } from "hostout";
// @ts-expect-error: an entry point that does not exist
import * as fabfiles from "hostout/fabfiles";

export default [loadModule, fabfiles];
