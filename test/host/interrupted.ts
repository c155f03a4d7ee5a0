/** What interrupts.test.ts sends signals to: `deaf` does not listen, `listening` ends at the third signal. */
import { openInterrupts } from "../../src/host/interrupts.ts";

const interrupts = openInterrupts();
const keepAlive = setInterval(() => {}, 60_000);
if (process.argv[2] === "listening") {
  interrupts.listen((count, signal) => {
    process.stdout.write(`${count} ${signal}\n`);
    if (count < 3) return;
    clearInterval(keepAlive);
    process.exitCode = interrupts.exitCode();
  });
} else process.once("exit", () => process.stdout.write("exit handlers ran\n"));
process.stdout.write("ready\n");
