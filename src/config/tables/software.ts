/** `[packer]` and `[extras]`: what is baked into the image, and what is added on top. */
import * as z from "zod/mini";
import { optionalText, requiredText, texts, textWithDefault } from "../fields.ts";
import { cloudName, debianPackage, pythonRequirement } from "../rules.ts";

const buildOnly = "only build-image reads it";
const useInstall = "it is read when a node is made; use `hailstack install` on a cluster that exists";

export const packerTable = z.strictObject({
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
});

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
