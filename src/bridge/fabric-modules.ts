/** Fabfiles in Python: `_hostout.fabfiles`, and the facades of Fabric, Invoke and collective.hostout. */

import fabfiles from "python:fabfiles";
import fabric from "python:facades/fabric";
import hostout from "python:facades/hostout";
import type { PythonModules } from "./worker-modules.ts";

export const fabricFacades: PythonModules = { ...fabric, ...hostout, ...fabfiles };
