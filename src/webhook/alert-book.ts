/**
 * The open alerts while events are read or time passes: each is looked up once, counted in memory, and
 * written once, with the one message that is due.
 */
import { at } from './format/read.ts';
import type { FindingReport, PathReport } from '../report/schema.ts';
import type { Database } from '../report/store/database.ts';
import { insertDelivery } from '../report/store/deliveries.ts';
import { isMuted, pathBody, webhookOf } from '../report/store/webhooks.ts';
import { alertOf, deleteAlert, dueAlerts, storeAlert } from '../report/store/webhook-alerts.ts';
import {
  type AlertState,
  type AlertStep,
  dueAt,
  type Rhythm,
  RESEND_MS,
  stepAt,
  told,
} from './alert.ts';
import { type Alert, webhookId } from './notice.ts';
import type { Settings } from './subscription.ts';

interface Open {
  readonly webhook: string;
  readonly path: string;
  readonly rhythm: Rhythm;
  state: AlertState;
  finding: FindingReport;
}

export interface Kill {
  readonly webhook: string;
  readonly settings: Settings;
  readonly path: string;
  readonly seq: number;
  readonly finding: FindingReport;
}

const rhythmOf = ({ throttleSeconds, format }: Settings): Rhythm => ({
  throttleMs: throttleSeconds * 1000,
  resends: format === 'alertmanager',
});

const time = (ms: number): string => new Date(ms).toISOString();

function fresh({ seq, finding }: Kill, now: number): AlertState {
  const { responder, capturePoint } = finding.flow;
  return {
    startedSeq: seq,
    startedAtMs: now,
    lastKillAtMs: now,
    kills: 0,
    responder: { address: responder.address, port: responder.port },
    capturePoint,
    messages: 0,
    toldKills: 0,
    toldAtMs: 0,
  };
}

export class AlertBook {
  readonly #db: Database;
  readonly #now: number;
  readonly #open = new Map<string, Open>();

  constructor(db: Database, now: number) {
    this.#db = db;
    this.#now = now;
  }

  kill(kill: Kill): void {
    const open = this.#opened(kill);
    const { kills } = open.state;
    open.state = { ...open.state, kills: kills + 1, lastKillAtMs: this.#now };
    open.finding = kill.finding;
  }

  #opened(kill: Kill): Open {
    const { webhook, path, settings, finding } = kill;
    const key = `${webhook} ${path}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const row = alertOf(this.#db, webhook, path);
    const stored = row === null ? null : (row.state as AlertState);
    // One that was quiet for long enough is over, also when nobody was there to say so.
    const over =
      stored !== null && stepAt(stored, rhythmOf(settings), this.#now) === 'alert.resolved';
    const state = stored === null || over ? fresh(kill, this.#now) : stored;
    const open = { webhook, path, rhythm: rhythmOf(settings), state, finding };
    this.#open.set(key, open);
    return open;
  }

  /** Alerts whose time has come, without a kill. How many. */
  due(limit: number): number {
    const rows = dueAlerts(this.#db, this.#now, limit);
    for (const { webhook, path, state, finding } of rows) {
      const row = webhookOf(this.#db, webhook);
      if (row?.state !== 'active') deleteAlert(this.#db, webhook, path);
      else {
        const rhythm = rhythmOf(row.settings as Settings);
        const open = {
          webhook,
          path,
          rhythm,
          state: state as AlertState,
          finding: finding as FindingReport,
        };
        this.#open.set(`${webhook} ${path}`, open);
      }
    }
    return rows.length;
  }

  /** Says what is due and writes everything down. */
  close(): void {
    for (const open of this.#open.values()) this.#settle(open);
    this.#open.clear();
  }

  #settle(open: Open): void {
    const step = stepAt(open.state, open.rhythm, this.#now);
    const { webhook, path, finding, rhythm } = open;
    if (step === 'alert.resolved') {
      this.#say(open, step);
      return deleteAlert(this.#db, webhook, path);
    }
    const muted = step === 'alert.updated' && isMuted(this.#db, path, this.#now);
    if (step !== null && !muted) this.#say(open, step);
    const state = step !== null && !muted ? told(open.state, this.#now) : open.state;
    const next = dueAt(state, rhythm);
    const wait = muted ? this.#now + RESEND_MS : next;
    storeAlert(this.#db, { webhook, path, dueAt: wait, state, finding });
  }

  #say({ webhook, path, state, finding }: Open, type: NonNullable<AlertStep>): void {
    const resolved = type === 'alert.resolved';
    const data: Alert = {
      path,
      status: resolved ? 'resolved' : 'firing',
      kills: state.kills,
      startedAt: time(state.startedAtMs),
      lastKillAt: time(state.lastKillAtMs),
      resolvedAt: resolved ? time(this.#now) : null,
      responder: state.responder,
      capturePoint: state.capturePoint,
      timeout: at(pathBody(this.#db, path), 'timeout') as PathReport['timeout'] | null,
      finding,
    };
    const notice = { kind: 'alert', type, timestamp: time(this.#now), data };
    const id = webhookId(webhook, `alert ${path} ${state.startedSeq} ${state.messages}`);
    insertDelivery(this.#db, { id, webhook, type, path, notice }, this.#now);
  }
}

/** Chosen: alerts a transaction. */
const ALERTS_AT_ONCE = 200;

/** Updates, re-sends and resolutions that are due. How many alerts were looked at. */
export const settleAlerts = (db: Database, now: number): number =>
  db.transaction(() => {
    const book = new AlertBook(db, now);
    const count = book.due(ALERTS_AT_ONCE);
    book.close();
    return count;
  });
