#!/usr/bin/env node
// Checks the shell programs with shellcheck, which CI must have.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../build/inputs.mjs";

const programs = ["src", "recipes", ".github"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sh"))
    .map((name) => join(folder, name)),
);
const { status, error } = spawnSync("shellcheck", programs, { cwd: root, stdio: "inherit" });
if (error?.code === "ENOENT") {
  console.error("shellcheck is not installed: the shell programs were not checked.");
  process.exitCode = process.env.CI ? 1 : 0;
} else process.exitCode = error ? 1 : status;
