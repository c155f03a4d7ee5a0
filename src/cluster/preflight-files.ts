/** Whether every file of the nodes can be written, asked while nothing is made yet. Pure. */
import type { Problem } from "../errors.ts";
import { UnwritableIn } from "./encode.ts";
import { nodeFiles } from "./node-files.ts";
import type { NodeInputs } from "./node-view.ts";
import { masterOf, workersOf } from "./plan.ts";
import { problem } from "./problem.ts";

/** Stands for what is made later, or found out: all of it plain text. */
const later = {
  secrets: { spark_secret: "later", netdata_key: "later" },
  web: { htpasswd: "later", jupyter_hash: "later", session: "later" },
  publicAddress: "192.0.2.1",
  volumeId: "00000000-0000-0000-0000-000000000000",
};

/** A value of the config that a file has no form for: `${` in an S3 key, which Hadoop would take for a variable. */
export function fileProblems(inputs: NodeInputs, volume_password: string | undefined): Problem[] {
  const secrets = volume_password === undefined ? later.secrets : { ...later.secrets, volume_password };
  const files = nodeFiles({ ...inputs, ...later, secrets }, {}, "ssh");
  // Every worker's files hold the same values, but for names and addresses.
  const nodes = [masterOf(inputs.plan), ...workersOf(inputs.plan).slice(0, 1)];
  for (const node of nodes) {
    try {
      files(node);
    } catch (error) {
      if (!(error instanceof UnwritableIn)) throw error;
      const fix = "choose another value for what the file holds";
      return [problem("value-unwritable", `a file of the nodes cannot be written: ${error.message}`, fix, node.name)];
    }
  }
  return [];
}
