/** What the API answers (docs/api.md), where the service's own types do not say it already. */
export type { Agent } from '../../src/report/store/agents.ts';
export type { StoredFinding } from '../../src/report/store/findings.ts';
export type { Job, JobState } from '../../src/report/store/jobs.ts';
export type { PathDetail, StoredPath } from '../../src/report/store/paths.ts';

export interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface Session {
  readonly role: 'admin' | 'read' | 'submit' | 'worker' | null;
  readonly needsToken: boolean;
}

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly format: string;
  readonly group: string;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly problem: string | null;
  readonly description: string | null;
  /** Of a new one alone, shown once. */
  readonly secret?: string;
}

export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly createdAt: string | number;
  readonly finishedAt: string | number | null;
  readonly nextAt: string | number | null;
  readonly tries: number;
  readonly lastStatus: number | null;
  readonly lastProblem: string | null;
}

export interface DeadLetter {
  readonly queue: string;
  readonly id: string;
  readonly reason: string;
  readonly failedAt: string;
  readonly attempts: number;
  readonly payload: unknown;
}

/** What happened, as /api/v1/events sends it. */
export interface Happened {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}
