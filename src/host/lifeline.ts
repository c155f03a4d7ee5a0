/** Lets a child die with us. */
import { spawn } from "node:child_process";

/**
 * Kills process `pid`, which leads a group of its own, with that group and its children as soon as this process is
 * gone, however it went: an engine without us can save nothing, and would hold the stack's lock for minutes while it
 * tries; Packer would go on for half an hour. @returns the way to let it go when it has ended
 */
export function tieToUs(pid: number): () => void {
  // Its standard input ends when we do; a line on it is our word that all is well. The engine gives its plugins
  // process groups of their own, so they are found as its children; Packer's are in its group.
  const script = 'read -r _ || kill -s KILL -- "-$1" $(pgrep -P "$1" 2>/dev/null) 2>/dev/null';
  const watcher = spawn("/bin/sh", ["-c", script, "lifeline", String(pid)], {
    env: { PATH: "/usr/bin:/bin" },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Where there is no shell the child lives on for its time: not worth failing for.
  watcher.on("error", () => {});
  watcher.stdin.on("error", () => {});
  watcher.unref();
  return () => watcher.stdin.end("\n");
}
