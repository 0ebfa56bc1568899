/** What a live worker is told and what it tells. Plain data, as for shards. */
import type { MessagePort } from 'node:worker_threads';
import type { CarvedFrame, CarverTuple } from '../capture/addon.ts';
import type { LiveOptions, LiveSnapshot, LiveStatus } from '../capture/live.ts';
import type { Failure } from './task.ts';

export interface LiveTask {
  readonly options: LiveOptions;
  readonly port: MessagePort;
  /** Somebody looks at the silences that are open. */
  readonly countsOpen: boolean;
}

/** `id` comes back with the answer. */
export type LiveOrder =
  | { readonly kind: 'snapshot'; readonly id: number }
  | { readonly kind: 'evidence'; readonly id: number; readonly tuples: readonly CarverTuple[] }
  | { readonly kind: 'step'; readonly ns: bigint }
  /** Did clients come here that worker `of` waits for? */
  | { readonly kind: 'seek'; readonly of: number; readonly wanted: Uint8Array }
  | { readonly kind: 'hear'; readonly callers: Uint8Array }
  | { readonly kind: 'stop' };

export type LiveNews =
  | { readonly kind: 'opened'; readonly status: LiveStatus }
  | { readonly kind: 'records'; readonly silences: Uint8Array; readonly births: Uint8Array }
  /** All that are known at the moment, in place of those before. */
  | { readonly kind: 'previews'; readonly silences: Uint8Array }
  | { readonly kind: 'status'; readonly status: LiveStatus }
  /** Clients whose return is waited for, once a second; and those that came here instead. */
  | { readonly kind: 'wanted'; readonly wanted: Uint8Array }
  | { readonly kind: 'callers'; readonly of: number; readonly callers: Uint8Array }
  | { readonly kind: 'snapshot'; readonly id: number; readonly value: LiveSnapshot }
  | { readonly kind: 'evidence'; readonly id: number; readonly value: readonly CarvedFrame[] };

export type LiveOutcome =
  | { readonly kind: 'finished'; readonly snapshot: LiveSnapshot; readonly status: LiveStatus }
  | Failure;
