/** `[web]`: what people's browsers meet. */
import * as z from "zod/mini";
import { optionalText } from "../fields.ts";
import { filePath } from "../rules.ts";

const shown =
  "the next create brings what the files hold then, and the web front shows it to who connects from then on";

export const webTable = z.strictObject({
  certificate_file: optionalText({
    meaning:
      "PEM file of your own certificate for the web front, what leads to its authority behind it, beside this file unless absolute; blank: the cluster makes one that signs itself.",
    rule: filePath,
    example: "hail.example.org.pem",
    live: "in place",
    why: shown,
    defaultText: "the cluster's own",
  }),
  key_file: optionalText({
    meaning: "PEM file of that certificate's private key, without a passphrase; only the master gets it, over SSH.",
    rule: filePath,
    example: "hail.example.org.key",
    live: "in place",
    why: shown,
  }),
});
