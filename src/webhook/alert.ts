/**
 * The alert of one path: ten thousand kills are one message with a count, updates at intervals, and a last
 * one when it is over. Pure: times are given, on the wall clock, since an alert is about now.
 */
/** contract.md: no kill for fifteen minutes is *resolved*. */
export const QUIET_MS = 15 * 60_000;
/** Chosen: well below Alertmanager's resolve_timeout (5 min by default). */
export const RESEND_MS = 60_000;

export interface AlertState {
  /** Place in the outbox of the kill that began it: names the alert for good. */
  readonly startedSeq: number;
  readonly startedAtMs: number;
  readonly lastKillAtMs: number;
  readonly kills: number;
  readonly responder: { readonly address: string; readonly port: number };
  readonly capturePoint: string | null;
  /** Sent so far, and what the last one said. 0: none yet. */
  readonly messages: number;
  readonly toldKills: number;
  readonly toldAtMs: number;
}

export interface Rhythm {
  readonly throttleMs: number;
  /** Also without news, as Alertmanager wants it. */
  readonly resends: boolean;
}

export type AlertStep = 'alert.firing' | 'alert.updated' | 'alert.resolved' | null;

/** When `stepAt` will have something to say at the latest. */
export function dueAt(state: AlertState, { throttleMs, resends }: Rhythm): number {
  if (state.messages === 0) return state.startedAtMs;
  const over = state.lastKillAtMs + QUIET_MS;
  const update = state.kills > state.toldKills ? state.toldAtMs + throttleMs : over;
  return Math.min(over, update, resends ? state.toldAtMs + RESEND_MS : over);
}

/** What is to be said now. */
export function stepAt(state: AlertState, rhythm: Rhythm, nowMs: number): AlertStep {
  if (state.messages === 0) return 'alert.firing';
  if (nowMs >= state.lastKillAtMs + QUIET_MS) return 'alert.resolved';
  return nowMs >= dueAt(state, rhythm) ? 'alert.updated' : null;
}

export const told = (state: AlertState, nowMs: number): AlertState => ({
  ...state,
  messages: state.messages + 1,
  toldKills: state.kills,
  toldAtMs: nowMs,
});
