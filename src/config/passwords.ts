/** The two passwords that come from the environment, never from the config. */
import type { Problem } from "../errors.ts";
import type { Env } from "../world.ts";

export type Passwords = { web: string; volume?: string };

const maxBytes = 1024;
/** Shorter ones are taken, with a warning. */
const goodLength = 12;

export type CheckedPasswords = { passwords: Passwords; problems: Problem[]; warnings: Problem[] };

/** `volume`: a data volume is enabled, so its passphrase is needed too. */
export function checkPasswords(env: Env, volume: boolean): CheckedPasswords {
  const web = checkPassword(env, "HAILSTACK_WEB_PASSWORD", "");
  const disk = checkPassword(env, "HAILSTACK_VOLUME_PASSWORD", " when a data volume is attached");
  const checks = volume ? [web, disk] : [web];
  return {
    passwords: { web: web.password, ...(volume ? { volume: disk.password } : {}) },
    problems: checks.flatMap(({ problem }) => problem ?? []),
    warnings: checks.flatMap(({ warning }) => warning ?? []),
  };
}

type Check = { password: string; problem?: Problem; warning?: Problem };

function checkPassword(env: Env, name: string, when: string): Check {
  const password = env[name] ?? "";
  const wrong = (slug: string, message: string, fix: string): Check => ({ password, problem: { slug, message, fix } });
  if (password.trim() === "") {
    const fix = `export ${name}, or add it to the file given with --dotenv`;
    return wrong("password-missing", `${name} required${when}`, fix);
  }
  const bytes = Buffer.byteLength(password);
  if (bytes > maxBytes) {
    return wrong("password-too-long", `${name} has ${bytes} bytes, more than ${maxBytes}`, "choose a shorter one");
  }
  const place = [...password].findIndex((character) => /\p{Cc}/u.test(character));
  if (place >= 0) {
    const message = `${name} holds a line break or control character (character ${place + 1}); all on one line, it may have up to ${maxBytes} bytes`;
    return wrong("password-control-character", message, "choose one without");
  }
  if ([...password].length >= goodLength) return { password };
  const message = `${name} has fewer than ${goodLength} characters`;
  return { password, warning: { slug: "password-short", message, fix: "choose a longer one" } };
}
