/** The operating system's reasons for refusing a file, in words with a way out. */
import { Exit, failure, type HailstackError } from "../errors.ts";

const reasons: Readonly<Record<string, { reason: string; fix: string }>> = {
  EACCES: { reason: "permission denied", fix: "give your user access to it and to the folders above it" },
  EPERM: { reason: "operation not permitted", fix: "give your user access to it, or use another place" },
  EROFS: { reason: "the file system is read-only", fix: "use a path on a writable file system" },
  ENOSPC: { reason: "no space left on the device", fix: "free some space, then run the same command again" },
  EDQUOT: { reason: "disk quota exceeded", fix: "free some space, then run the same command again" },
  EFBIG: { reason: "larger than files may be", fix: "raise the limit: ulimit -f unlimited" },
  EISDIR: { reason: "is a directory", fix: "name a file inside it" },
  ENOTDIR: { reason: "part of the path is not a directory", fix: "correct the path" },
  ELOOP: { reason: "too many symbolic links", fix: "correct the links, or name the file itself" },
  ENAMETOOLONG: { reason: "the path is too long", fix: "use a shorter path" },
  EIO: { reason: "input/output error", fix: "check the disk or the file server" },
  ESTALE: { reason: "the file server lost the file", fix: "run the same command again" },
  EMFILE: { reason: "too many open files", fix: "raise the limit: ulimit -n 4096" },
  ERR_INVALID_ARG_VALUE: { reason: "the path holds a NUL character", fix: "correct the path" },
};

/** The error's code (`ENOENT`), or an empty string for anything that is not a system error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Nothing is at the path; a parent that is no directory counts, for nothing can be below it. */
export const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error));

/**
 * Reading is part of the user's input: exit 2, `file-unreadable`. Writing is part of the work: exit 1,
 * `file-not-written`.
 */
export function fileTrouble(error: unknown, path: string, doing: "read" | "write"): HailstackError {
  const code = codeOf(error);
  const { reason, fix } = reasons[code] ?? { reason: code || String(error), fix: "check the path and its file system" };
  return doing === "read"
    ? failure(Exit.usage, "file-unreadable", `cannot read the file: ${reason}`, fix, { where: path, cause: error })
    : failure(Exit.failed, "file-not-written", `cannot write the file: ${reason}`, fix, { where: path, cause: error });
}
