/** Fabfiles in Python: `_hostout.fabfiles`, and the facades of Fabric, Invoke and collective.hostout. */

import hostoutAttributes from "./python/_hostout/attributes.py?raw";
import hostoutCalls from "./python/_hostout/calls.py?raw";
import hostoutCommands from "./python/_hostout/commands.py?raw";
import hostoutEngine from "./python/_hostout/engine.py?raw";
import hostoutFabfiles from "./python/_hostout/fabfiles.py?raw";
import hostoutSharedEnv from "./python/_hostout/shared_env.py?raw";
import collectiveHostout from "./python/collective/hostout/__init__.py?raw";
import collectiveHostoutFabfile from "./python/collective/hostout/fabfile.py?raw";
import collectiveHostoutHostout from "./python/collective/hostout/hostout.py?raw";
import fabric from "./python/fabric/__init__.py?raw";
import fabricApi from "./python/fabric/api.py?raw";
import fabricColors from "./python/fabric/colors.py?raw";
import fabricConfig from "./python/fabric/config.py?raw";
import fabricConnection from "./python/fabric/connection.py?raw";
import fabricContextManagers from "./python/fabric/context_managers.py?raw";
import fabricContrib from "./python/fabric/contrib/__init__.py?raw";
import fabricContribConsole from "./python/fabric/contrib/console.py?raw";
import fabricContribDjango from "./python/fabric/contrib/django.py?raw";
import fabricContribFiles from "./python/fabric/contrib/files.py?raw";
import fabricContribProject from "./python/fabric/contrib/project.py?raw";
import fabricDecorators from "./python/fabric/decorators.py?raw";
import fabricExceptions from "./python/fabric/exceptions.py?raw";
import fabricGroup from "./python/fabric/group.py?raw";
import fabricHost from "./python/fabric/host.py?raw";
import fabricMain from "./python/fabric/main.py?raw";
import fabricModern from "./python/fabric/modern.py?raw";
import fabricNetwork from "./python/fabric/network.py?raw";
import fabricOperations from "./python/fabric/operations.py?raw";
import fabricResults from "./python/fabric/results.py?raw";
import fabricRunners from "./python/fabric/runners.py?raw";
import fabricState from "./python/fabric/state.py?raw";
import fabricTasks from "./python/fabric/tasks.py?raw";
import fabricTransfer from "./python/fabric/transfer.py?raw";
import fabricUtils from "./python/fabric/utils.py?raw";
import fabricVersion from "./python/fabric/version.py?raw";
import invoke from "./python/invoke/__init__.py?raw";
import invokeCollection from "./python/invoke/collection.py?raw";
import invokeConfig from "./python/invoke/config.py?raw";
import invokeContext from "./python/invoke/context.py?raw";
import invokeExceptions from "./python/invoke/exceptions.py?raw";
import invokeLocal from "./python/invoke/local.py?raw";
import invokeRunners from "./python/invoke/runners.py?raw";
import invokeTasks from "./python/invoke/tasks.py?raw";
import invokeWatchers from "./python/invoke/watchers.py?raw";
import type { PythonModules } from "./worker-modules.ts";

export const fabricFacades: PythonModules = {
  "_hostout.attributes": ["_hostout/attributes.py", hostoutAttributes],
  "_hostout.calls": ["_hostout/calls.py", hostoutCalls],
  "_hostout.commands": ["_hostout/commands.py", hostoutCommands],
  "_hostout.engine": ["_hostout/engine.py", hostoutEngine],
  "_hostout.fabfiles": ["_hostout/fabfiles.py", hostoutFabfiles],
  "_hostout.shared_env": ["_hostout/shared_env.py", hostoutSharedEnv],
  "collective.hostout": ["collective/hostout/__init__.py", collectiveHostout],
  "collective.hostout.fabfile": ["collective/hostout/fabfile.py", collectiveHostoutFabfile],
  "collective.hostout.hostout": ["collective/hostout/hostout.py", collectiveHostoutHostout],
  fabric: ["fabric/__init__.py", fabric],
  "fabric.api": ["fabric/api.py", fabricApi],
  "fabric.colors": ["fabric/colors.py", fabricColors],
  "fabric.config": ["fabric/config.py", fabricConfig],
  "fabric.connection": ["fabric/connection.py", fabricConnection],
  "fabric.context_managers": ["fabric/context_managers.py", fabricContextManagers],
  "fabric.contrib": ["fabric/contrib/__init__.py", fabricContrib],
  "fabric.contrib.console": ["fabric/contrib/console.py", fabricContribConsole],
  "fabric.contrib.django": ["fabric/contrib/django.py", fabricContribDjango],
  "fabric.contrib.files": ["fabric/contrib/files.py", fabricContribFiles],
  "fabric.contrib.project": ["fabric/contrib/project.py", fabricContribProject],
  "fabric.decorators": ["fabric/decorators.py", fabricDecorators],
  "fabric.exceptions": ["fabric/exceptions.py", fabricExceptions],
  "fabric.group": ["fabric/group.py", fabricGroup],
  "fabric.host": ["fabric/host.py", fabricHost],
  "fabric.main": ["fabric/main.py", fabricMain],
  "fabric.modern": ["fabric/modern.py", fabricModern],
  "fabric.network": ["fabric/network.py", fabricNetwork],
  "fabric.operations": ["fabric/operations.py", fabricOperations],
  "fabric.results": ["fabric/results.py", fabricResults],
  "fabric.runners": ["fabric/runners.py", fabricRunners],
  "fabric.state": ["fabric/state.py", fabricState],
  "fabric.tasks": ["fabric/tasks.py", fabricTasks],
  "fabric.transfer": ["fabric/transfer.py", fabricTransfer],
  "fabric.utils": ["fabric/utils.py", fabricUtils],
  "fabric.version": ["fabric/version.py", fabricVersion],
  invoke: ["invoke/__init__.py", invoke],
  "invoke.collection": ["invoke/collection.py", invokeCollection],
  "invoke.config": ["invoke/config.py", invokeConfig],
  "invoke.context": ["invoke/context.py", invokeContext],
  "invoke.exceptions": ["invoke/exceptions.py", invokeExceptions],
  "invoke.local": ["invoke/local.py", invokeLocal],
  "invoke.runners": ["invoke/runners.py", invokeRunners],
  "invoke.tasks": ["invoke/tasks.py", invokeTasks],
  "invoke.watchers": ["invoke/watchers.py", invokeWatchers],
};
