import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { PAGE_FILES } from "../support/page-files.ts";
import { sshdMissing, startSshdServer, type TestServer } from "../support/servers.ts";

describe.skipIf(sshdMissing).each([1, 2])("on a host with MaxSessions %i", (sessions) => {
  let server: TestServer;
  let project: TestProject;
  beforeAll(async () => {
    server = await startSshdServer([`MaxSessions ${sessions}`]);
    project = new TestProject(PAGE_FILES);
    project.writeHost(server, { include: "templates" });
    expect((await project.buildout()).status).toBe(0);
  });
  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  test("deploy, deploy a change, put, run and get work", async () => {
    const page = join(server.home, "app/parts/page/index.html");
    expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
    expect(readFileSync(page, "utf8")).toBe("<p>hello</p>\n");
    project.write({ "templates/page.in": "<b>${greeting}</b>\n" });
    expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
    expect(readFileSync(page, "utf8")).toBe("<b>hello</b>\n");

    const local = join(project.scratch, "sent");
    writeFileSync(local, "sent");
    const remote = join(server.home, "app/var/sent");
    expect(await project.hostout("host1", "put", local, remote)).toMatchObject({ status: 0 });
    expect((await project.hostout("host1", "run", "cat var/sent")).stdout).toContain("sent");
    const back = join(project.scratch, "back");
    expect(await project.hostout("host1", "get", remote, back)).toMatchObject({ status: 0 });
    expect(readFileSync(back, "utf8")).toBe("sent");
  });
});
