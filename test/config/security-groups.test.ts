import { expect, test } from "vitest";
import { load, smallest } from "./world.ts";

const switches = [
  "ssh",
  "http",
  "https",
  "spark_master",
  "spark_worker",
  "jupyter",
  "hdfs",
  "netdata",
  "all_tcp_internal",
];

test.for([
  {
    when: "there is no table",
    toml: "",
    master: ["ssh", "http", "https", "spark_master", "jupyter", "hdfs", "netdata"],
    worker: ["spark_worker", "hdfs", "all_tcp_internal"],
  },
  {
    when: "the tables are empty",
    toml: "[security_groups.master]\n[security_groups.worker]\n",
    master: ["ssh"],
    worker: ["ssh"],
  },
  {
    when: "the master's table names one switch",
    toml: "[security_groups.master]\nhttps = true\n",
    master: ["ssh", "https"],
    worker: ["spark_worker", "hdfs", "all_tcp_internal"],
  },
  {
    when: "the worker's table names one switch",
    toml: "[security_groups.worker]\nhdfs = true\n",
    master: ["ssh", "http", "https", "spark_master", "jupyter", "hdfs", "netdata"],
    worker: ["ssh", "hdfs"],
  },
  {
    when: "a table switches SSH off",
    toml: "[security_groups.master]\nssh = false\n",
    master: [],
    worker: ["spark_worker", "hdfs", "all_tcp_internal"],
  },
  {
    when: "only ranges are named",
    toml: '[security_groups]\nallowed_cidrs = ["10.0.0.0/8"]\n',
    master: ["ssh", "http", "https", "spark_master", "jupyter", "hdfs", "netdata"],
    worker: ["spark_worker", "hdfs", "all_tcp_internal"],
  },
])("open when $when: master $master, worker $worker", async ({ toml, master, worker }) => {
  const { config } = await load({ toml: smallest + toml });
  const expected = (open: readonly string[]) => Object.fromEntries(switches.map((name) => [name, open.includes(name)]));

  expect(config.security_groups.master).toEqual(expected(master));
  expect(config.security_groups.worker).toEqual(expected(worker));
});

test.for(["master", "worker"])("the %s table takes all nine switches", async (role) => {
  const on = switches.map((name) => `${name} = true\n`).join("");
  const { config } = await load({ toml: `${smallest}[security_groups.${role}]\n${on}` });

  expect(config.security_groups).toHaveProperty(role, Object.fromEntries(switches.map((name) => [name, true])));
});

test("two configs do not share what they were given by default", async () => {
  const [one, two] = [await load({ toml: smallest }), await load({ toml: smallest })];
  one.config.security_groups.master.ssh = false;
  one.config.security_groups.allowed_cidrs.push("x");

  expect(two.config.security_groups.master.ssh).toBe(true);
  expect((await load({ toml: smallest })).config.security_groups).toMatchObject({
    master: { ssh: true },
    allowed_cidrs: ["0.0.0.0/0"],
  });
});
