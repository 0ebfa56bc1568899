/**
 * The three queues and the times they keep. All of it lives under one prefix with a hash tag, so that every key is in
 * one slot and a Redis cluster serves scripts that touch several of them.
 */
export const PREFIX = '{deadair}';

export const QUEUES = ['captures', 'findings', 'webhooks'] as const;
export type QueueName = (typeof QUEUES)[number];

/**
 * BullMQ's defaults leave a job of a killed worker alone for a minute; with these it goes on 2.5 to 4.5 s after the kill: when
 * the lock has run out, at the next look. A service that is ready within a second of its kill still has to wait for that,
 * and the contract gives it 5 s. A lock is renewed every second, so nothing may block the loop of a worker process, and
 * Redis may not be silent, for more than 2.5 s.
 */
export const LOCK_MS = 3500;
export const RENEW_MS = 1000;
/** One look keeps others away for as long (moveStalledJobsToWait), so that every second one may be missed. */
export const STALLED_MS = 500;

/**
 * How often a job may lose its worker. Beyond it BullMQ fails the job without using an attempt; chosen so high, because
 * workers die with their parents, machines and power, and none of that is the job's fault.
 */
export const MOST_STALLED = 100;

/** Chosen: dead letters that are kept per queue; with them goes the oldest. */
export const DEAD_KEPT = 10_000;

/** Chosen: a Redis that does not answer within it counts as away. */
export const COMMAND_MS = 2000;

/** Bytes of carved packets that may go along with one finding. */
export const EVIDENCE_BYTES = 64 * 1024;
