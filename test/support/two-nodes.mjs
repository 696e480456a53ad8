// Engines on two versions of Node in one directory.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A part that fails while another run is active, and that ends when there is a file `go`. */
const PART = `[buildout]
parts = a
[a]
recipe = plone.recipe.command
stop-on-error = true
command = mkdir busy && touch begun && while [ ! -e go ]; do sleep 0.1; done && rmdir busy
update-command = \${:command}
`;

/** A run in this directory, as a process of the older or the newer engine. */
function buildout([node, program], directory, ...words) {
  const child = spawn(node, [program, ...words], {
    cwd: directory,
    env: { ...process.env, HOME: directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let heard = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
      heard();
    });
  }
  const ended = new Promise((done) => {
    child.on("close", (status) => done({ status, said }));
  });
  const says = (text) =>
    new Promise((done, fail) => {
      heard = () => said.includes(text) && done();
      heard();
      ended.then(() => fail(new Error(`It ended without "${text}":\n${said}`)));
    });
  return { pid: child.pid, ended, says };
}

function mustBe(condition, text) {
  if (!condition) throw new Error(text);
}

/**
 * One has the lock of the directory while the other gives up or waits; then many take turns. Each of the two
 * is a Node and a program. Throws if they disturb each other.
 */
export async function shareDirectory(first, second) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "buildout-two-nodes-")));
  const go = join(directory, "go");
  const running = [];
  try {
    writeFileSync(join(directory, "buildout.cfg"), PART);
    const holder = buildout(first, directory);
    running.push(holder);
    while (!existsSync(join(directory, "begun"))) {
      const ended = await Promise.race([holder.ended, new Promise((go) => setTimeout(go, 50))]);
      mustBe(ended === undefined, `The first run has ended: ${ended?.said}`);
    }
    const who = `Another buildout is running in '${directory}' (pid ${holder.pid}`;
    const hasty = await buildout(second, directory, "--lock-wait=0").ended;
    mustBe(hasty.status === 1 && hasty.said.includes(who), `Did not give up: ${hasty.said}`);
    const waiting = buildout(second, directory);
    running.push(waiting);
    await waiting.says(who);
    writeFileSync(go, "");
    const both = [...(await Promise.all([holder.ended, waiting.ended]))];
    const engines = [first, second, first, second, first, second];
    const many = engines.map((engine) => buildout(engine, directory));
    running.push(...many);
    both.push(...(await Promise.all(many.map(({ ended }) => ended))));
    for (const { status, said } of both) mustBe(status === 0, `Was disturbed: ${said}`);
  } finally {
    writeFileSync(go, "");
    await Promise.all(running.map(({ ended }) => ended));
    rmSync(directory, { recursive: true });
  }
}
