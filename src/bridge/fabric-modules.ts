/** Fabfiles in Python: `_hostout.fabfiles`, and the facades of Fabric, Invoke and collective.hostout. */

import fabfiles from "python:fabfiles";
import fabric from "python:facades/fabric";
import hostout from "python:facades/hostout";
import paramiko from "python:facades/paramiko";
import type { PythonModules } from "./worker-modules.ts";

/** Used if the interpreter has no module of that name. */
export const fabricSubstitutes: PythonModules = paramiko;

export const fabricFacades: PythonModules = { ...fabric, ...hostout, ...fabfiles };
