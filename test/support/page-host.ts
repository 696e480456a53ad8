import { join } from "node:path";
import { TestProject } from "./deploy-project.ts";
import { startSandboxServer, type TestServer } from "./servers.ts";

/** The buildout of a host, whose one part creates a page from a file in `include = files`. */
export const PAGE_BUILDOUT = `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
`;

export interface PageHost {
  server: TestServer;
  project: TestProject;
  /** The buildout directory of host1. */
  app: string;
  /** Ends the host, and removes it and the project. */
  close(): Promise<void>;
}

/** A host on loopback, and a project with these files next to `prod.cfg`. */
export async function startPageHost(files: Record<string, string> = {}): Promise<PageHost> {
  const server = await startSandboxServer();
  const project = new TestProject({ "prod.cfg": PAGE_BUILDOUT, ...files });
  return {
    ...{ server, project, app: join(server.home, "app") },
    async close() {
      project.remove();
      await server.close();
    },
  };
}
