/** Live: what happens while it happens, and how often. Bounded: the newest two hundred are kept. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Happened } from '../api/shapes.ts';
import { Empty } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { useConnection, useEvents } from '../live/events.ts';
import { count } from '../../src/report/text/quantity.ts';

const KEPT = 200;
const MINUTE_MS = 60_000;

interface Arrived {
  readonly happened: Happened;
  readonly at: number;
  readonly key: number;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const WHERE: Readonly<Record<string, string>> = {
  finding: '/findings/',
  path: '/paths/',
  job: '/jobs/',
};

function hrefOf({ type, data }: Happened): string {
  const [kind = ''] = type.split('.');
  const base = WHERE[kind];
  return base === undefined ? '/agents' : base + encodeURIComponent(text(data['id']));
}

function wordsOf({ type, data }: Happened): string {
  const [kind] = type.split('.');
  if (kind === 'finding') return text(data['summary']);
  if (kind === 'job') return `Job ${text(data['name']) || text(data['id'])}`;
  if (kind === 'agent') return `${text(data['host'])} has not been heard of`;
  const { network = '', port = '' } = (data['responder'] ?? {}) as {
    network?: string;
    port?: number;
  };
  return `Path to ${network}:${port}`;
}

let arrivals: readonly Arrived[] = [];
let key = 0;

/** Kept over changes of the page, in this tab. */
function useArrivals(): readonly Arrived[] {
  const [held, setHeld] = useState(arrivals);
  const listen = useCallback((happened: Happened) => {
    arrivals = [{ happened, at: Date.now(), key: key++ }, ...arrivals].slice(0, KEPT);
    setHeld(arrivals);
  }, []);
  useEvents(listen);
  return held;
}

function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function LivePage() {
  const held = useArrivals();
  const now = useNow();
  const connection = useConnection();
  const found = held.filter(
    ({ happened, at }) => happened.type === 'finding.created' && now - at < MINUTE_MS,
  );
  return (
    <>
      <h1>Live</h1>
      <section class="card rates" aria-label="Rates">
        <p>
          <b>{found.length}</b> {count(found.length, 'finding').replace(/^\S+ /, '')} in the last
          minute
        </p>
        <p class="note">
          {connection === 'open'
            ? 'Connected: what happens appears here at once.'
            : 'Not connected: nothing new can appear.'}
        </p>
      </section>
      {held.length === 0 ? (
        <Empty>
          <p>Nothing has happened since this page was opened.</p>
        </Empty>
      ) : (
        <ol class="card happenings" aria-live="polite" aria-relevant="additions">
          {held.map(({ happened, key: k }) => (
            <li key={k}>
              <span class="note">
                <Instant at={happened.timestamp} day={false} /> <code>{happened.type}</code>
              </span>
              <a href={hrefOf(happened)}>{wordsOf(happened)}</a>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
