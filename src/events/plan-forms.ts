/** The forms of the fields of a deployment's plan, and of its steps, as JSON Schema. */
export const PLAN_FORMS = {
  step: {
    type: "object",
    properties: {
      step: {
        enum: [
          "repair",
          "bootstrap",
          "engine",
          "command",
          "package",
          "release",
          "build",
          "root-build",
          "switch",
          "data-version",
          "health",
        ],
      },
    },
    required: ["step"],
  },
  steps: { type: "array", items: { type: "object", required: ["step"] } },
  release: {
    type: "object",
    properties: {
      number: { type: "integer" },
      id: { type: "string" },
      who: { type: "string" },
      start: { type: "string" },
      commit: { type: "string" },
      dirty: { type: "boolean" },
      changedFiles: { type: "integer" },
    },
    required: ["number", "id"],
  },
  packages: {
    type: "array",
    items: {
      type: "object",
      properties: {
        change: { enum: ["added", "changed", "removed"] },
        name: { type: "string" },
        before: { type: "string" },
        now: { type: "string" },
        bytes: { type: "integer" },
      },
      required: ["change", "name"],
    },
  },
  pins: {
    type: "array",
    items: {
      type: "object",
      properties: {
        name: { type: "string" },
        before: { type: "string" },
        now: { type: "string" },
        file: { type: "string" },
        line: { type: "integer" },
        requiredBy: { type: "array", items: { type: "string" } },
      },
      required: ["name"],
    },
  },
  files: {
    type: "array",
    items: {
      type: "object",
      properties: {
        change: { enum: ["added", "changed", "removed", "drift"] },
        path: { type: "string" },
        drift: { enum: ["changed", "missing", "mode", "kind"] },
        kept: { type: "boolean" },
        bytes: { type: "integer" },
        hidden: { type: "string" },
        diff: { type: "string" },
      },
      required: ["change", "path"],
    },
  },
  overrides: {
    type: "array",
    items: {
      type: "object",
      properties: { command: { type: "string" }, source: { type: "string" } },
      required: ["command", "source"],
    },
  },
  basis: {
    type: "object",
    properties: {
      options: { type: "string" },
      drift: { type: "string" },
      installed: { type: "string" },
    },
    required: ["options", "drift", "installed"],
  },
} as const;
