/** Fabfiles in Python: `_hostout.fabfiles`, and the facades of Fabric, Invoke and collective.hostout. */

import hostoutAttributes from "./worker/_hostout/attributes.py?raw";
import hostoutCalls from "./worker/_hostout/calls.py?raw";
import hostoutCommands from "./worker/_hostout/commands.py?raw";
import hostoutEngine from "./worker/_hostout/engine.py?raw";
import hostoutFabfiles from "./worker/_hostout/fabfiles.py?raw";
import hostoutSharedEnv from "./worker/_hostout/shared_env.py?raw";
import collectiveHostout from "./worker/collective/hostout/__init__.py?raw";
import collectiveHostoutFabfile from "./worker/collective/hostout/fabfile.py?raw";
import collectiveHostoutHostout from "./worker/collective/hostout/hostout.py?raw";
import fabric from "./worker/fabric/__init__.py?raw";
import fabricApi from "./worker/fabric/api.py?raw";
import fabricColors from "./worker/fabric/colors.py?raw";
import fabricConfig from "./worker/fabric/config.py?raw";
import fabricConnection from "./worker/fabric/connection.py?raw";
import fabricContextManagers from "./worker/fabric/context_managers.py?raw";
import fabricContrib from "./worker/fabric/contrib/__init__.py?raw";
import fabricContribConsole from "./worker/fabric/contrib/console.py?raw";
import fabricContribDjango from "./worker/fabric/contrib/django.py?raw";
import fabricContribFiles from "./worker/fabric/contrib/files.py?raw";
import fabricContribProject from "./worker/fabric/contrib/project.py?raw";
import fabricDecorators from "./worker/fabric/decorators.py?raw";
import fabricExceptions from "./worker/fabric/exceptions.py?raw";
import fabricGroup from "./worker/fabric/group.py?raw";
import fabricHost from "./worker/fabric/host.py?raw";
import fabricMain from "./worker/fabric/main.py?raw";
import fabricModern from "./worker/fabric/modern.py?raw";
import fabricNetwork from "./worker/fabric/network.py?raw";
import fabricOperations from "./worker/fabric/operations.py?raw";
import fabricResults from "./worker/fabric/results.py?raw";
import fabricRunners from "./worker/fabric/runners.py?raw";
import fabricState from "./worker/fabric/state.py?raw";
import fabricTasks from "./worker/fabric/tasks.py?raw";
import fabricTransfer from "./worker/fabric/transfer.py?raw";
import fabricUtils from "./worker/fabric/utils.py?raw";
import fabricVersion from "./worker/fabric/version.py?raw";
import invoke from "./worker/invoke/__init__.py?raw";
import invokeCollection from "./worker/invoke/collection.py?raw";
import invokeConfig from "./worker/invoke/config.py?raw";
import invokeContext from "./worker/invoke/context.py?raw";
import invokeExceptions from "./worker/invoke/exceptions.py?raw";
import invokeLocal from "./worker/invoke/local.py?raw";
import invokeRunners from "./worker/invoke/runners.py?raw";
import invokeTasks from "./worker/invoke/tasks.py?raw";
import invokeWatchers from "./worker/invoke/watchers.py?raw";
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
