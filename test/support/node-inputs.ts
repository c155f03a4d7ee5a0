/** What nodes' files are made from: of a cluster with everything on, and of one with nothing optional. */
import type { NodeInputs } from "../../src/cluster/node-view.ts";
import { inputsOf, type Fields } from "./plans.ts";

/** None of these may ever be in user data. */
export const canaries = {
  access_key: "CANARY-s3-access",
  secret_key: "CANARY/s3+secret&<key>",
  spark_secret: "CANARY-spark-5e5c1a",
  netdata_key: "b3a7c1d2-0000-4000-8000-0c0a0a0a0a01",
  volume_password: 'CANARY volume "pass" $word',
};

export const everything = (fields: Fields = {}, more: Partial<NodeInputs> = {}): NodeInputs => {
  const { access_key, secret_key, ...secrets } = canaries;
  return inputsOf(
    {
      "cluster.lustre_network": "lustre_network",
      "cluster.lustre_mount_target": "192.0.2.10@tcp:/fsx",
      "volumes.create": true,
      "s3.endpoint": "s3.example.org",
      "s3.access_key": access_key,
      "s3.secret_key": secret_key,
      "dns.search_domains": "internal.example example.org",
      "extras.system_packages": ["libpq-dev", "mc"],
      "extras.python_packages": ["pandas[excel]>=2.2,<3"],
      "security_groups.master.jupyter": true,
      "security_groups.master.netdata": true,
      ...fields,
    },
    {
      secrets,
      web: {
        htpasswd: "hailstack:$2y$06$abcdefghijklmnopqrstuu",
        jupyter_hash: "argon2:$argon2id$v=19$m=10240,t=10,p=8$c2FsdA$aGFzaA",
        session: "c2Vzc2lvbg",
      },
      publicAddress: "192.0.2.80",
      volumeId: "1f6c0e5e-9a43-4c1e-8b0a-2f6d1c7e9b11",
      certificate: { chain: "-----BEGIN CERTIFICATE-----", key: "-----BEGIN PRIVATE KEY-----", names: [] },
      draining: ["c1-worker-02"],
      ...more,
    },
  );
};

/** The smallest of configs, once the secrets that every cluster has are known. */
export const nothingOptional = (fields: Fields = {}, more: Partial<NodeInputs> = {}): NodeInputs => {
  const { spark_secret, netdata_key } = canaries;
  return inputsOf(
    { "cluster.monitoring": "none", "cluster.num_workers": 1, ...fields },
    { secrets: { spark_secret, netdata_key }, publicAddress: "192.0.2.80", ...more },
  );
};
