/** `init`'s text: the example config with what a real cloud has put in the place of the placeholders. Pure. */
import type { Flavour, Keypair, Network } from "../world.ts";
import { cloudName } from "./rules.ts";
import { sshPublicKey } from "./ssh-key-rule.ts";

export type Found = {
  name: string;
  flavours: readonly Flavour[];
  networks: readonly Network[];
  keypairs: readonly Keypair[];
};

/** The smallest that a master does well on: Hadoop, Spark, JupyterLab and nginx share it (MiB). */
const comfortableRam = 8192;

/** `example` with its fields set; comments that list what else there is go above each. */
export function draftConfig(example: string, { name, flavours, networks, keypairs }: Found): string {
  const bySize = flavours
    .filter((one) => cloudName.fault(one.name) === undefined)
    .toSorted((a, b) => a.ramMib - b.ramMib || a.vcpus - b.vcpus);
  const flavour = bySize.find(({ ramMib }) => ramMib >= comfortableRam) ?? bySize.at(-1);
  // Other names a config could not hold, and a line break in one would be a line of the file.
  const usable = networks.filter((network) => cloudName.fault(network.name) === undefined);
  const inside = usable.filter(({ external }) => !external);
  const outside = usable.filter(({ external }) => external);
  const sizes = bySize.map((one) => `${one.name}: ${one.vcpus} vCPU, ${Math.round(one.ramMib / 1024)} GiB`);
  const keys = [...new Set(keypairs.map(({ publicKey }) => publicKey.trim()))].filter(
    (key) => sshPublicKey.fault(key) === undefined,
  );
  return [
    ["cluster", "name", name, []],
    ["cluster", "master_flavour", flavour?.name, ["flavours of this project:", ...sizes]],
    ["cluster", "network_name", inside[0]?.name, ["networks of this project:", ...inside.map((one) => one.name)]],
    ["cluster", "floating_ip_pool", outside[0]?.name, ["external networks:", ...outside.map((one) => one.name)]],
    ["ssh_keys", "public_keys", keys.length > 0 ? keys : undefined, []],
  ].reduce((text, edit) => withField(text, edit as Edit), example);
}

type Edit = [table: string, key: string, value: string | string[] | undefined, notes: string[]];

/** Sets one key, commented out or not, in its table; JSON's strings and arrays are TOML's. */
function withField(text: string, [table, key, value, notes]: Edit): string {
  if (value === undefined) return text;
  const lines = text.split("\n");
  const start = lines.indexOf(`[${table}]`);
  const line = lines.findIndex((one, index) => index > start && new RegExp(`^#? ?${key} =`).test(one));
  if (start < 0 || line < 0) throw new Error(`the example config has no ${table}.${key}`);
  // An array may go on over several lines.
  const open = lines[line]?.trimEnd().endsWith("[");
  const end = open ? lines.findIndex((one, index) => index > line && one.replace(/^# ?/, "").startsWith("]")) : line;
  const comments = notes.map((note, index) => `# ${index === 0 ? note : `  ${note}`}`);
  lines.splice(line, end - line + 1, ...comments, `${key} = ${JSON.stringify(value)}`);
  return lines.join("\n");
}
