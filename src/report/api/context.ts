/** What the routes stand on. Made once by whoever starts the API; the parts that live elsewhere come as functions. */
import type { FastifyInstance } from 'fastify';
import type { Database } from '../store/database.ts';
import type { Batch } from '../intake/batch.ts';
import { type AddressNames, NO_NAMES, withNames } from '../names.ts';
import type { Role } from './access/table.ts';
import type { Failures } from './access/failures.ts';
import type { AccessRules } from './access/access.ts';

export interface DeadLetter {
  readonly queue: string;
  readonly id: string;
  readonly reason: string;
  readonly failedAt: string;
  readonly attempts: number;
  readonly payload: unknown;
}

/** The queues, as far as the API has to do with them. What is away throws E_REDIS_AWAY. */
export interface Queues {
  /** A job is there for whoever works on captures. May fail: the sweeper puts it there later. */
  submit(job: string): Promise<void>;
  /** Whoever works on it may stop now. */
  cancel(job: string): Promise<void>;
  /** From a remote worker to the reporter. */
  deliver(batch: Batch): Promise<void>;
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** False when there is no such dead letter. */
  redrive(queue: string, id: string): Promise<boolean>;
}

/** One thing that must be there for /readyz to say yes. */
export interface Readiness {
  readonly name: string;
  readonly ready: boolean;
  readonly detail?: string;
}

export interface ApiContext {
  readonly db: Database;
  /** The data directory. */
  readonly data: string;
  readonly queues: Queues;
  readonly rules: AccessRules;
  readonly failures: Failures;
  /** Bytes of one capture. */
  readonly maxUpload: number;
  readonly clock: () => number;
  /** libpcap's words about a filter that it does not compile; null for one that it does. */
  readonly filterComplaint: (expression: string) => Promise<string | null>;
  /** Of addresses (--names); default: none. */
  readonly names?: AddressNames;
  readonly readiness: () => Promise<readonly Readiness[]>;
  /** Lines of Prometheus' text format from other parts. */
  readonly moreMetrics: () => Promise<string>;
}

export type Routes = (app: FastifyInstance, context: ApiContext) => void;

/** Who did it, where the store keeps that. */
export const actorOf = (role: Role | null): string => role ?? 'unknown';

/** An answer with the names of its addresses, where somebody gave names. */
export const named = <T>({ names = NO_NAMES }: ApiContext, answer: T): T =>
  withNames(answer, names);
