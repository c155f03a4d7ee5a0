/**
 * An S3 server in a process group of its own: Ctrl-C in a terminal reaches the whole group of what runs there, and a
 * command that is interrupted still writes its state. Tells its bucket in one line and ends with its standard input,
 * so also when whoever started it is killed.
 */
import { startS3 } from "../support/s3.ts";

const server = await startS3();
process.stdout.write(`${JSON.stringify(await server.bucket("hailstack-state"))}\n`);
process.stdin.resume().once("end", () => void server.stop());
