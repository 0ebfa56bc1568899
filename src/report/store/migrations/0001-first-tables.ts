/**
 * Jobs, findings, paths and their history, the outbox of events, agents, evidence, and what the API has to remember.
 *
 * Columns whose names end in `_at` are milliseconds since 1970, findings' on the capture clock. `body` is the JSON of
 * the contract; the other columns repeat of it what lists filter and sort by. Addresses are also kept as 32 hex digits
 * (IPv4 mapped into IPv6), so that a CIDR block is a range. `seq` of events is what SSE calls Last-Event-ID.
 */
import type { Migration } from '../migrate.ts';

const JOBS = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    changed_at INTEGER NOT NULL,
    name TEXT,
    source TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    done_bytes INTEGER NOT NULL DEFAULT 0,
    findings INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    problem TEXT,
    report_bytes INTEGER
  ) STRICT;
  CREATE INDEX jobs_by_time ON jobs (created_at, id);
  CREATE INDEX jobs_by_state ON jobs (state, created_at, id);
  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    job TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX idempotency_by_time ON idempotency (created_at);
  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    accepted_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX batches_by_time ON batches (accepted_at);`;

const FINDINGS = `
  CREATE TABLE findings (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    path TEXT,
    signature TEXT NOT NULL,
    verdict TEXT NOT NULL,
    confidence REAL NOT NULL,
    originator_key TEXT NOT NULL,
    originator_port INTEGER NOT NULL,
    responder_key TEXT NOT NULL,
    responder_port INTEGER NOT NULL,
    sequence TEXT,
    silence_seconds REAL NOT NULL,
    job TEXT,
    agent TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    comment TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX findings_by_time ON findings (at, id);
  CREATE INDEX findings_by_path ON findings (path, at, id);
  CREATE INDEX findings_by_verdict ON findings (verdict, at, id);
  CREATE INDEX findings_by_signature ON findings (signature, at, id);
  CREATE INDEX findings_by_originator ON findings (originator_key, at, id);
  CREATE INDEX findings_by_responder ON findings (responder_key, at, id);
  CREATE INDEX findings_by_originator_port ON findings (originator_port, at, id);
  CREATE INDEX findings_by_responder_port ON findings (responder_port, at, id);
  CREATE INDEX findings_by_silence ON findings (verdict, signature, silence_seconds);
  CREATE INDEX findings_by_sequence ON findings (sequence, at) WHERE sequence IS NOT NULL;
  CREATE INDEX findings_by_age ON findings (created_at);
  CREATE TABLE finding_twins (
    id TEXT NOT NULL,
    twin TEXT NOT NULL,
    PRIMARY KEY (id, twin)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE evidence (
    finding TEXT PRIMARY KEY REFERENCES findings (id) ON DELETE CASCADE,
    pcapng BLOB NOT NULL,
    stored_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX evidence_by_age ON evidence (stored_at);`;

const PATHS = `
  CREATE TABLE paths (
    id TEXT PRIMARY KEY,
    responder_port INTEGER NOT NULL,
    status TEXT NOT NULL,
    estimate_seconds REAL,
    low_seconds REAL,
    high_seconds REAL,
    killed INTEGER NOT NULL,
    survived INTEGER NOT NULL,
    last_killed_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    muted_until INTEGER,
    comment TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX paths_by_kill ON paths (last_killed_at, id);
  CREATE INDEX paths_by_status ON paths (status, last_killed_at, id);
  CREATE TABLE path_sources (
    path TEXT NOT NULL REFERENCES paths (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    killed INTEGER NOT NULL,
    survived INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (path, source)
  ) STRICT;
  CREATE TABLE path_history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL REFERENCES paths (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    estimate_seconds REAL,
    low_seconds REAL,
    high_seconds REAL,
    killed INTEGER NOT NULL,
    survived INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX path_history_by_path ON path_history (path, seq);
  CREATE INDEX path_history_by_age ON path_history (at);
  CREATE TABLE observations (
    path TEXT NOT NULL,
    source TEXT NOT NULL,
    bin INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (path, source, bin, outcome),
    FOREIGN KEY (path, source) REFERENCES path_sources (path, source) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;`;

const REST = `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_age ON events (at);
  CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    silent_at INTEGER,
    findings INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX agents_by_beat ON agents (silent_at, last_at);
  CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);`;

export const firstTables: Migration = {
  name: 'first tables',
  sql: [JOBS, FINDINGS, PATHS, REST].join('\n'),
};
