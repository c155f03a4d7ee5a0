import { expect, test } from "vitest";
import { HailstackError } from "../../src/errors.ts";
import { proxyFor } from "../../src/net/proxy.ts";

const proxy = "http://proxy.example:3128";
const through = (url: string, env: Record<string, string>): string | undefined => proxyFor(new URL(url), env)?.host;

test.for([
  { when: "only HTTPS_PROXY is set and the URL is https", url: "https://a.example", env: { HTTPS_PROXY: proxy } },
  { when: "the variable is in lower case", url: "http://a.example", env: { http_proxy: proxy } },
  { when: "the scheme is left out", url: "http://a.example", env: { HTTP_PROXY: "proxy.example:3128" } },
  {
    when: "NO_PROXY names other hosts",
    url: "http://a.example",
    env: { HTTP_PROXY: proxy, NO_PROXY: "b.example,xa.example" },
  },
  {
    when: "NO_PROXY names another port",
    url: "http://a.example:81",
    env: { HTTP_PROXY: proxy, NO_PROXY: "a.example:80" },
  },
  {
    when: "NO_PROXY has the subdomains only",
    url: "http://a.example",
    env: { HTTP_PROXY: proxy, NO_PROXY: ".a.example" },
  },
  {
    when: "NO_PROXY has a range beside the address",
    url: "http://10.1.0.1",
    env: { HTTP_PROXY: proxy, NO_PROXY: "10.0.0.0/16" },
  },
  {
    when: "a range in NO_PROXY is none",
    url: "http://10.1.0.1",
    env: { HTTP_PROXY: proxy, NO_PROXY: "10.0.0.0/99,x/y" },
  },
])("the proxy is used when $when", ({ url, env }) => {
  expect(through(url, env)).toBe("proxy.example:3128");
});

test.for([
  { when: "no proxy is set", url: "https://a.example", env: {} },
  { when: "only the other scheme has one", url: "https://a.example", env: { HTTP_PROXY: proxy } },
  { when: "the variable is empty", url: "http://a.example", env: { HTTP_PROXY: "" } },
  { when: "the host is localhost", url: "http://localhost:5000", env: { HTTP_PROXY: proxy } },
  { when: "the address is loopback", url: "http://127.9.9.9", env: { HTTP_PROXY: proxy } },
  { when: "the address is IPv6 loopback", url: "http://[::1]:80", env: { HTTP_PROXY: proxy } },
  { when: "NO_PROXY is *", url: "http://a.example", env: { HTTP_PROXY: proxy, NO_PROXY: "*" } },
  {
    when: "NO_PROXY has the host",
    url: "http://a.example",
    env: { HTTP_PROXY: proxy, no_proxy: "b.example, A.EXAMPLE" },
  },
  {
    when: "NO_PROXY has the parent domain",
    url: "http://s3.a.example",
    env: { HTTP_PROXY: proxy, NO_PROXY: "a.example" },
  },
  { when: "NO_PROXY has *.domain", url: "http://s3.a.example", env: { HTTP_PROXY: proxy, NO_PROXY: "*.a.example" } },
  {
    when: "NO_PROXY has the host and port",
    url: "https://a.example",
    env: { HTTPS_PROXY: proxy, NO_PROXY: "a.example:443" },
  },
  { when: "NO_PROXY has the IPv4 range", url: "http://10.1.2.3", env: { HTTP_PROXY: proxy, NO_PROXY: "10.0.0.0/8" } },
  { when: "NO_PROXY has the IPv6 range", url: "http://[fd00::5]", env: { HTTP_PROXY: proxy, NO_PROXY: "fd00::/8" } },
  { when: "NO_PROXY has the IPv6 address", url: "http://[fd00::5]", env: { HTTP_PROXY: proxy, NO_PROXY: "fd00::5" } },
])("the way is direct when $when", ({ url, env }) => {
  expect(through(url, env)).toBeUndefined();
});

test.for(["ftp://user:canary@proxy", "http://", "http://user:canary@:x"])("%s is refused unseen", (value) => {
  const refuse = (): unknown => proxyFor(new URL("https://a.example"), { HTTPS_PROXY: value });
  expect(refuse).toThrow(HailstackError);
  expect(refuse).toThrow(/^HTTPS_PROXY is not the address of/);
});
