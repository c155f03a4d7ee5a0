/** What kill.test.ts kills: writes a file over and over, once its first write is done it says so. */
import { openFiles } from "../../src/host/files.ts";

const path = process.argv[2] ?? "";
process.umask(0);
for (let round = 0; ; round += 1) {
  await openFiles().writeAtomic(path, `${(round % 2 === 0 ? "a" : "b").repeat(200_000)}\n`, 0o600);
  if (round === 0) process.stdout.write("writing\n");
}
