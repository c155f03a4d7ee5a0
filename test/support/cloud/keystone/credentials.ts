/** Application credentials of a user. */
import { type Call, param, projectOf, userOf } from "../core/call.ts";
import { type Answer, keystoneError } from "../core/errors.ts";
import { type Fields, fieldsOf, textOf } from "../core/json.ts";
import type { Credential } from "../state.ts";
import { forbidden, roles } from "./tokens.ts";

export function createCredential(call: Call): Answer {
  const { state, seed } = call.core;
  const userId = ownUser(call);
  const token = call.token;
  const usedCredential = token?.credentialId === undefined ? undefined : state.credentials.get(token.credentialId);
  if (usedCredential !== undefined && !usedCredential.unrestricted) {
    throw forbidden(
      "Using method 'application_credential' is not allowed for managing additional application credentials.",
    );
  }
  const fields = fieldsOf(fieldsOf(call.body).application_credential);
  const name = textOf(fields.name) ?? "";
  if ([...state.credentials.values()].some((other) => other.userId === userId && other.name === name)) {
    throw keystoneError(
      409,
      `Conflict occurred attempting to store application_credential - Duplicate entry found with name ${name}.`,
    );
  }
  const credential: Credential = {
    id: seed.hex("application credential", name),
    name,
    secret: textOf(fields.secret) ?? seed.hex("application credential secret", name).repeat(2),
    description: textOf(fields.description) ?? null,
    userId,
    projectId: projectOf(call),
    unrestricted: fields.unrestricted === true,
  };
  state.credentials.set(credential.id, credential);
  const view = { ...credentialView(call, credential), secret: credential.secret };
  return { status: 201, body: { application_credential: view } };
}

export function showCredential(call: Call): Answer {
  return { status: 200, body: { application_credential: credentialView(call, found(call)) } };
}

export function listCredentials(call: Call): Answer {
  const userId = ownUser(call);
  const own = [...call.core.state.credentials.values()].filter((credential) => credential.userId === userId);
  const self = `${call.root("identity")}/v3/users/${userId}/application_credentials`;
  const body = {
    application_credentials: own.map((credential) => credentialView(call, credential)),
    links: { next: null, self, previous: null },
  };
  return { status: 200, body };
}

export function deleteCredential(call: Call): Answer {
  call.core.state.credentials.delete(found(call).id);
  return { status: 204 };
}

function found(call: Call): Credential {
  const userId = ownUser(call);
  const credential = call.core.state.credentials.get(param(call, "id"));
  if (credential?.userId !== userId) {
    throw keystoneError(404, `Could not find Application Credential: ${param(call, "id")}.`);
  }
  return credential;
}

function ownUser(call: Call): string {
  const userId = param(call, "user");
  if (userId !== userOf(call)) throw forbidden("identity:application_credentials");
  return userId;
}

function credentialView(call: Call, credential: Credential): Fields {
  return {
    id: credential.id,
    name: credential.name,
    description: credential.description,
    project_id: credential.projectId,
    user_id: credential.userId,
    system: null,
    expires_at: null,
    unrestricted: credential.unrestricted ? true : null,
    roles: roles.map((role) => ({ ...role, domain_id: null, description: null, options: { immutable: true } })),
    links: { self: `${call.root("identity")}/v3/application_credentials/${credential.id}` },
  };
}
