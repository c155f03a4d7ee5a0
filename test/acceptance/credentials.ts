/** The ways in which a user may log in, each as the variables of a shell. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { logIn } from "./rest.ts";
import type { Project } from "./project.ts";
import type { Env } from "../../src/world.ts";

export type LoginKind = "openrc" | "clouds.yaml" | "application credential" | "token";

/** `folder` takes the files that the variables name. */
export async function credentials(kind: LoginKind, project: Project, region: string, folder: string): Promise<Env> {
  const { url, user, password, project: project_name } = project.login;
  const place = { OS_AUTH_URL: url, OS_REGION_NAME: region, OS_IDENTITY_API_VERSION: "3" };
  const domain = { OS_USER_DOMAIN_NAME: "Default", OS_PROJECT_DOMAIN_NAME: "Default" };
  switch (kind) {
    case "openrc":
      return { ...place, ...domain, OS_USERNAME: user, OS_PASSWORD: password, OS_PROJECT_NAME: project_name };
    case "clouds.yaml": {
      const auth = {
        auth_url: url,
        username: user,
        project_name,
        user_domain_name: "Default",
        project_domain_name: "Default",
      };
      const write = (name: string, content: object) =>
        writeFileSync(join(folder, name), stringify({ clouds: { site: content } }), { mode: 0o600 });
      write("clouds.yaml", { region_name: region, auth });
      // The password apart, as the openstack program's users are used to.
      write("secure.yaml", { auth: { password } });
      return { OS_CLIENT_CONFIG_FILE: join(folder, "clouds.yaml"), OS_CLOUD: "site" };
    }
    case "application credential": {
      const { id, secret } = await project.makeApplicationCredential();
      const credential = { OS_APPLICATION_CREDENTIAL_ID: id, OS_APPLICATION_CREDENTIAL_SECRET: secret };
      return { ...place, OS_AUTH_TYPE: "v3applicationcredential", ...credential };
    }
    case "token": {
      const { token, projectId } = await logIn(project.login);
      return { ...place, OS_AUTH_TYPE: "v3token", OS_TOKEN: token, OS_PROJECT_ID: projectId };
    }
  }
}
