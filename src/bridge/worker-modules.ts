/** The Python side of a worker as texts: the engine may be one file with nothing beside it. */

import hostout from "./python/_hostout/__init__.py?raw";
import channel from "./python/_hostout/channel.py?raw";
import distributions from "./python/_hostout/distributions.py?raw";
import environment from "./python/_hostout/environment.py?raw";
import facades from "./python/_hostout/facades.py?raw";
import failure from "./python/_hostout/failure.py?raw";
import log from "./python/_hostout/log.py?raw";
import recipes from "./python/_hostout/recipes.py?raw";
import requirements from "./python/_hostout/requirements.py?raw";
import searchPath from "./python/_hostout/search_path.py?raw";
import worker from "./python/_hostout/worker.py?raw";
import bootstrap from "./python/bootstrap.py?raw";
import pkgResources from "./python/pkg_resources.py?raw";
import buildout from "./python/zc/buildout/__init__.py?raw";
import buildoutBuildout from "./python/zc/buildout/buildout.py?raw";
import buildoutDownload from "./python/zc/buildout/download.py?raw";
import buildoutEasyInstall from "./python/zc/buildout/easy_install.py?raw";
import buildoutRaw from "./python/zc/buildout/raw.py?raw";
import buildoutRmtree from "./python/zc/buildout/rmtree.py?raw";
import egg from "./python/zc/recipe/egg/__init__.py?raw";
import eggCustom from "./python/zc/recipe/egg/custom.py?raw";
import eggEgg from "./python/zc/recipe/egg/egg.py?raw";

/** Module name -> [file, text]. */
export type PythonModules = Readonly<Record<string, readonly [file: string, text: string]>>;

/** What `python -c` runs. */
export { bootstrap };

/** What every worker consists of. Answered by us, as the facades are, whatever else of that name is installed. */
export const core: PythonModules = {
  _hostout: ["_hostout/__init__.py", hostout],
  "_hostout.channel": ["_hostout/channel.py", channel],
  "_hostout.environment": ["_hostout/environment.py", environment],
  "_hostout.facades": ["_hostout/facades.py", facades],
  "_hostout.failure": ["_hostout/failure.py", failure],
  "_hostout.log": ["_hostout/log.py", log],
  "_hostout.requirements": ["_hostout/requirements.py", requirements],
  "_hostout.search_path": ["_hostout/search_path.py", searchPath],
  "_hostout.worker": ["_hostout/worker.py", worker],
};

/** Recipes and extensions: `_hostout.recipes`, and what they import. */
export const buildoutFacades: PythonModules = {
  "_hostout.distributions": ["_hostout/distributions.py", distributions],
  "_hostout.recipes": ["_hostout/recipes.py", recipes],
  "zc.buildout": ["zc/buildout/__init__.py", buildout],
  "zc.buildout.buildout": ["zc/buildout/buildout.py", buildoutBuildout],
  "zc.buildout.download": ["zc/buildout/download.py", buildoutDownload],
  "zc.buildout.easy_install": ["zc/buildout/easy_install.py", buildoutEasyInstall],
  "zc.buildout.raw": ["zc/buildout/raw.py", buildoutRaw],
  "zc.buildout.rmtree": ["zc/buildout/rmtree.py", buildoutRmtree],
  "zc.recipe.egg": ["zc/recipe/egg/__init__.py", egg],
  "zc.recipe.egg.custom": ["zc/recipe/egg/custom.py", eggCustom],
  "zc.recipe.egg.egg": ["zc/recipe/egg/egg.py", eggEgg],
};

/** Used where the interpreter has no module of that name. */
export const substitutes: PythonModules = {
  pkg_resources: ["pkg_resources.py", pkgResources],
};
