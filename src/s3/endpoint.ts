/** What the `endpoint` field means as a URL; a bare host means https. */
export function endpointUrl(endpoint: string): URL {
  return new URL(/^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`);
}
