/**
 * Who watches: the last heartbeat of every agent. An agent that falls silent is an event, once, because "no kills" from
 * nobody is no good news.
 */
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';

export interface Heartbeat {
  readonly agent: string;
  readonly host: string;
  readonly at: string;
  readonly interfaces: readonly {
    readonly name: string;
    readonly up: boolean;
    readonly packets: number;
    readonly drops: number;
  }[];
  readonly blindSeconds: number;
  readonly spoolBytes: number;
  /** What a full spool could not take, where the agent counts it. */
  readonly spoolDropped?: number;
  readonly findings: number;
}

/** As the API shows it: the heartbeat, and whether it is late. */
export interface Agent extends Heartbeat {
  readonly id: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly silent: boolean;
  readonly silentSince: string | null;
}

interface AgentRow {
  readonly id: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly silent_at: number | null;
  readonly body: string;
}

/** Chosen: `watch` beats every 5 s; three missed ones and some patience for a queue that was away. */
export const SILENT_AFTER_MS = 30_000;

const agentOfRow = (row: AgentRow): Agent => ({
  ...(JSON.parse(row.body) as Heartbeat),
  id: row.id,
  firstAt: new Date(row.first_at).toISOString(),
  lastAt: new Date(row.last_at).toISOString(),
  silent: row.silent_at !== null,
  silentSince: row.silent_at === null ? null : new Date(row.silent_at).toISOString(),
});

/** One that had been told to be silent: whoever was told hears of the end, and of when it had begun. */
function noticeReturn(db: Database, id: string, now: number): void {
  const row = db.get<AgentRow>('SELECT * FROM agents WHERE id = ? AND silent_at IS NOT NULL', id);
  if (row === undefined) return;
  const data = { ...agentOfRow(row), silent: false, backAt: new Date(now).toISOString() };
  appendEvent(db, { type: 'agent.back', subject: id, data }, now);
}

/** Times are the receiver's: an agent's clock may be wrong. In a transaction. */
export function recordHeartbeat(db: Database, beat: Heartbeat, now: number): void {
  noticeReturn(db, beat.agent, now);
  const sql = `INSERT INTO agents (id, host, first_at, last_at, findings, body) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET host = excluded.host, last_at = excluded.last_at, silent_at = NULL,
      findings = excluded.findings, body = excluded.body`;
  db.run(sql, beat.agent, beat.host, now, now, beat.findings, JSON.stringify(beat));
}

export const listAgents = (db: Database): Agent[] =>
  db.all<AgentRow>('SELECT * FROM agents ORDER BY id').map(agentOfRow);

/** Marks those whose heartbeat is late and says so once; how many. To be called every few seconds. */
export const noticeSilentAgents = (
  db: Database,
  now: number,
  afterMs: number = SILENT_AFTER_MS,
): number =>
  db.transaction(() => {
    const late = db.all<AgentRow>(
      'SELECT * FROM agents WHERE silent_at IS NULL AND last_at < ?',
      now - afterMs,
    );
    for (const row of late) {
      db.run('UPDATE agents SET silent_at = last_at WHERE id = ?', row.id);
      const data = agentOfRow({ ...row, silent_at: row.last_at });
      appendEvent(db, { type: 'agent.silent', subject: row.id, data }, now);
    }
    return late.length;
  });

/** An agent that was taken down for good. */
export const forgetAgent = (db: Database, id: string): boolean =>
  db.run('DELETE FROM agents WHERE id = ?', id) > 0;
