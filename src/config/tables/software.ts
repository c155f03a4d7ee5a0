/** `[packer]` and `[extras]`: what is baked into the image, and what is added on top. */
import * as z from "zod/mini";
import { optionalText, requiredText, texts, textWithDefault } from "../fields.ts";
import { cidr } from "../network-rules.ts";
import { rangesOnce } from "../range-list.ts";
import { cloudName, debianPackage, filePath, pythonRequirement } from "../rules.ts";
import { mirrorUrl, noProxyList, proxyUrl } from "../url-rules.ts";

const buildOnly = "only build-image reads it";
const useInstall = "it is read when a node is made; use `hailstack install` on a cluster that exists";

export const packerTable = z
  .strictObject({
    base_image: requiredText({
      meaning: "Image to begin with; required where [packer] is present, and [packer] is required by build-image.",
      rule: cloudName,
      example: "ubuntu-22.04",
      live: "nothing",
      why: buildOnly,
    }),
    flavour: textWithDefault("m2.medium", {
      meaning: "Flavour of the server that the image is built on.",
      rule: cloudName,
      example: "m2.medium",
      live: "nothing",
      why: buildOnly,
    }),
    floating_ip_pool: optionalText({
      meaning:
        "External network to make the build server's floating IP in; create takes it too where the cluster names none.",
      rule: cloudName,
      example: "public",
      live: "nothing",
      why: "it is read only when an address is made",
    }),
    network: optionalText({
      meaning: "Network of the build server; blank takes cluster.network_name.",
      rule: cloudName,
      example: "cloudforms_network",
      live: "nothing",
      why: buildOnly,
      defaultText: "the cluster's",
    }),
    allowed_cidrs: texts(["0.0.0.0/0"], {
      meaning: "IPv4 ranges from which the build server can be reached by SSH, while there is one.",
      rule: cidr,
      example: ["10.0.0.0/8", "192.168.0.0/16"],
      live: "nothing",
      why: buildOnly,
    }),
    artifact_mirror: optionalText({
      meaning: "URL of a site's mirror of the bundles' artefacts, tried before their own homes.",
      rule: mirrorUrl,
      userinfo: true,
      example: "https://mirror.example.org/hailstack/",
      live: "nothing",
      why: buildOnly,
    }),
    apt_mirror: optionalText({
      meaning: "URL of a mirror that replaces the archive of Debian or Ubuntu in the base image.",
      rule: mirrorUrl,
      userinfo: true,
      example: "http://mirror.example.org/ubuntu/",
      live: "nothing",
      why: buildOnly,
    }),
    pypi_index: optionalText({
      meaning: "URL of a package index to install Python packages from, in the form that pip and uv read.",
      rule: mirrorUrl,
      userinfo: true,
      example: "https://mirror.example.org/python/simple/",
      live: "nothing",
      why: buildOnly,
    }),
    http_proxy: optionalText({
      meaning:
        "URL of the proxy that the build server goes out by; blank takes HTTPS_PROXY or HTTP_PROXY, unless they lead to this machine itself.",
      rule: proxyUrl,
      userinfo: true,
      example: "http://proxy.example.org:3128",
      live: "nothing",
      why: buildOnly,
      defaultText: "the environment's",
    }),
    no_proxy: optionalText({
      meaning:
        "Hosts, domains and ranges that the build server reaches without the proxy; blank takes NO_PROXY where the proxy is the environment's.",
      rule: noProxyList,
      example: "mirror.example.org,.internal.example.org,10.0.0.0/8",
      live: "nothing",
      why: buildOnly,
    }),
    ca_file: optionalText({
      meaning:
        "PEM file of a private certificate authority that the image shall trust, beside this file unless absolute.",
      rule: filePath,
      example: "site-ca.pem",
      live: "nothing",
      why: buildOnly,
    }),
  })
  .check(rangesOnce("name each range once, and at least the one of this machine"));

export const extrasTable = z.strictObject({
  system_packages: texts([], {
    meaning: "Debian packages to install on every node at creation.",
    rule: debianPackage,
    example: ["libpq-dev", "mc"],
    live: "nothing",
    why: useInstall,
  }),
  python_packages: texts([], {
    meaning: "Python packages to install into the notebooks' environment on every node at creation.",
    rule: pythonRequirement,
    example: ["pandas", "scikit-learn"],
    live: "nothing",
    why: useInstall,
  }),
});
