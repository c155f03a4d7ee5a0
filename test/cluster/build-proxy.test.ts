import { expect, test } from "vitest";
import { buildProxy } from "../../src/cluster/build-proxy.ts";
import { proxyUrl } from "../../src/config/url-rules.ts";
import { HailstackError } from "../../src/errors.ts";

const blank = { http_proxy: "", no_proxy: "" };
const itself = "localhost,127.0.0.1,::1";

test.for([
  { when: "there is none", env: {}, url: "" },
  { when: "HTTPS_PROXY is set", env: { HTTPS_PROXY: "http://p:3128", HTTP_PROXY: "http://q" }, url: "http://p:3128" },
  { when: "only http_proxy is", env: { HTTPS_PROXY: "", http_proxy: "p:3128" }, url: "http://p:3128" },
  { when: "it has a path", env: { HTTPS_PROXY: "http://p:3128/" }, url: "http://p:3128" },
  {
    when: "its password is of odd characters",
    env: { HTTPS_PROXY: "http://ann:a'b$c(d)+%2F@p:3128" },
    url: "http://ann:a%27b%24c%28d%29%2B%2F@p:3128",
  },
])("when $when in the environment, it is '$url'", ({ env, url }) => {
  expect(buildProxy(blank, env)).toMatchObject({ url, noProxy: url === "" ? "" : itself });
  expect(url === "" ? undefined : proxyUrl.fault(url)).toBeUndefined();
});

test("the config's proxy wins over the environment's, and takes none of its exceptions", () => {
  const env = { HTTPS_PROXY: "http://env:1", NO_PROXY: "env.example.org" };

  expect(buildProxy({ http_proxy: "http://ann:pass-word@p:3128", no_proxy: "a.example.org, 10.0.0.0/8" }, env)).toEqual(
    {
      url: "http://ann:pass-word@p:3128",
      noProxy: `${itself},a.example.org,10.0.0.0/8`,
      secrets: ["ann:pass-word", "pass-word"],
    },
  );
  expect(buildProxy({ http_proxy: "http://p:3128", no_proxy: "" }, env).noProxy).toBe(itself);
});

test.for([
  {
    exceptions: ".example.org *.other.org,localhost  10.0.0.0/8",
    noProxy: `${itself},.example.org,.other.org,10.0.0.0/8`,
  },
  { exceptions: "a';id;',b\nc,$(id),`id`", noProxy: `${itself},b,c` },
])("of NO_PROXY '$exceptions' it takes what every program understands", ({ exceptions, noProxy }) => {
  expect(buildProxy(blank, { HTTPS_PROXY: "http://p:3128", NO_PROXY: exceptions }).noProxy).toBe(noProxy);
});

test("NO_PROXY=* is no proxy at all", () => {
  expect(buildProxy(blank, { HTTPS_PROXY: "http://p:3128", no_proxy: "*" })).toEqual({
    url: "",
    noProxy: "",
    secrets: [],
  });
});

test.for(["http://127.0.0.1:3128", "localhost:3128", "http://[::1]:8080", "http://LOCALHOST.", "socks5://p:1080"])(
  "%s is not for another machine, which is told",
  (value) => {
    expect(buildProxy(blank, { https_proxy: value })).toEqual({
      url: "",
      noProxy: "",
      secrets: [],
      ignored: "https_proxy",
    });
  },
);

test.for([
  "gopher://ann:canary@p",
  "http://",
  "http://ann:canary@p:99999",
  "http://ann:canary%@p",
  "http://ann:canary\n@ho_st",
])("%s is refused before anything is built, and not shown", (value) => {
  const refused = () => buildProxy(blank, { HTTPS_PROXY: value });

  expect(refused).toThrow(HailstackError);
  expect(refused).toThrow(/^HTTPS_PROXY is not the address of an HTTP proxy[^@]*$/);
});
