/** The user and password that a URL may carry before its host. */

/** Every text that must not be shown, as the URL spells it and in clear; empty where there is none. */
export function userinfoSecrets(url: string): string[] {
  const [, user = "", password] = /^[a-z][a-z0-9+.-]*:\/\/([^:@/]*)(?::([^@/]*))?@/i.exec(url.trim()) ?? [];
  // A user alone is a token.
  const spelt = password ? [`${user}:${password}`, password] : [user];
  return [...new Set(spelt.flatMap((text) => [text, decoded(text)]))].filter((text) => text !== "");
}

/** The URL as it may be shown: `https://***@mirror.example.org/`. */
export const withoutUserinfo = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1***@");

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
