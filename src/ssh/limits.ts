/** What a node's SSH server, and the way to it, are asked to bear. */

export const sshPort = 22;

/** From the first packet to being logged in. */
export const readyTimeoutMs = 8000;

/** A connection that is silent this often in a row has ended. */
export const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 3 } as const;

/**
 * Workers that are being reached at a time. Each node sees one connection at a time, far from the 10 beyond which an
 * sshd drops some (`MaxStartups 10:30:100`); this keeps hundreds from waiting for the processor past their time limit.
 */
export const workersAtOnce = 32;

/** An sshd runs no more than 10 commands on one connection (`MaxSessions`). */
export const commandsAtOnce = 8;

/** Of each stream of a command. */
export const maxBytes = 1024 * 1024;
