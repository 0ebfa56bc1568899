/** Live: what happens while it happens, and how often. Bounded: the newest two hundred are kept. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Happened } from '../api/shapes.ts';
import { Empty } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { EVENT_WORDS, intervalWords, pathTitle } from '../base/wording.ts';
import { FindingRow } from '../finding/finding-row.tsx';
import { useConnection, useEvents } from '../live/events.ts';
import type { FindingReport, PathReport } from '../../src/report/schema.ts';
import { count } from '../../src/report/text/quantity.ts';

const KEPT = 200;
const MINUTE_MS = 60_000;

interface Arrived {
  readonly happened: Happened;
  readonly at: number;
  readonly key: number;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What happened, in one line that leads to it. */
function Subject({ happened: { type, data } }: { happened: Happened }) {
  const [kind] = type.split('.');
  const id = encodeURIComponent(text(data['id']));
  if (kind === 'finding') {
    return <FindingRow finding={data as unknown as FindingReport} href={`/findings/${id}`} />;
  }
  if (kind === 'path') {
    const path = data as unknown as PathReport;
    const interval = intervalWords(path.timeout);
    return (
      <p>
        <a href={`/paths/${id}`}>{pathTitle(path)}</a>
        {interval === null ? '' : ` T ${interval}`}
      </p>
    );
  }
  return kind === 'job' ? (
    <p>
      <a href={`/jobs/${id}`}>{text(data['name']) || text(data['id'])}</a>
    </p>
  ) : (
    <p>
      <a href="/agents">{text(data['host'])}</a>
    </p>
  );
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
                <Instant at={happened.timestamp} day={false} />{' '}
                {EVENT_WORDS[happened.type] ?? happened.type} <code>{happened.type}</code>
              </span>
              <Subject happened={happened} />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
