/** Paths: who shares a box, and how long it waits. */
import { useState } from 'preact/hooks';
import type { Listed, PathDetail, StoredPath } from '../api/shapes.ts';
import { send } from '../api/client.ts';
import { type Resource, useResource } from '../api/resource.ts';
import { Empty, Shown } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { duration, intervalWords, pathTitle, reasonWords, speakerWords } from '../base/wording.ts';
import { figureOf, headline, PathView } from '../path/path-view.tsx';
import { worstFirst } from '../path/worst.ts';
import { number } from '../../src/report/text/quantity.ts';
import { Change } from './change.tsx';
import { useFresh } from './fresh.ts';
import { History } from './history.tsx';

const isMuted = ({ mutedUntil }: StoredPath): boolean =>
  mutedUntil !== null && Date.parse(mutedUntil) > Date.now();

function PathLine({ path }: { path: StoredPath }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/paths/${path.id}`}>{pathTitle(path)}</a>
        <span class="note under">
          {speakerWords(path.firstSpeaker)} first
          {path.capturePoint === null ? '' : `, at ${path.capturePoint}`}
          {isMuted(path) ? '; muted' : ''}
        </span>
      </th>
      <td class="t-cell" data-is="Idle timeout T">
        <span>{figureOf(path)}</span>
        <span class="note under">
          {path.timeout.status === 'estimated'
            ? intervalWords(path.timeout)
            : reasonWords(path.timeout.reason)}
        </span>
      </td>
      <td class="n" data-is="Killed">
        {number(path.killed)}
      </td>
      <td class="n" data-is="Survived">
        {number(path.survived)}
      </td>
      <td data-is="Keepalive">
        {path.remedy === null ? '–' : duration(path.remedy.keepaliveTimeSeconds)}
      </td>
      <td data-is="Last kill">
        {path.lastKilledAt === null ? '–' : <Instant at={path.lastKilledAt} />}
      </td>
    </tr>
  );
}

export function PathsPage() {
  const paths = useResource<Listed<StoredPath>>('/api/v1/paths?limit=500');
  useFresh(/^path|^finding/, [paths.reload]);
  return (
    <>
      <h1>Paths</h1>
      <Shown resource={paths}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty>
              <p>No path is known yet: no capture held a silence that says something.</p>
            </Empty>
          ) : (
            <section class="card scroll" tabIndex={0} aria-label="Paths">
              <table class="paths rows">
                <thead>
                  <tr>
                    <th scope="col">To</th>
                    <th scope="col">Idle timeout T</th>
                    <th scope="col" class="n">
                      Killed
                    </th>
                    <th scope="col" class="n">
                      Survived
                    </th>
                    <th scope="col">Keepalive</th>
                    <th scope="col">Last kill</th>
                  </tr>
                </thead>
                <tbody>
                  {worstFirst(items).map((path) => (
                    <PathLine key={path.id} path={path} />
                  ))}
                </tbody>
              </table>
              {next === null ? null : <p class="note">The 500 with the newest kills are shown.</p>}
            </section>
          )
        }
      </Shown>
    </>
  );
}

const HOUR_MS = 3_600_000;

const inHours = (hours: number): Date => new Date(Date.now() + hours * HOUR_MS);

/** As the field of a form writes it: the reader's own time, to the minute. */
function asField(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function MuteUntil({ mute }: { mute: (until: Date) => Promise<void> }) {
  const [until, choose] = useState(() => asField(inHours(24)));
  const at = new Date(until);
  const past = Number.isNaN(at.getTime()) || at.getTime() <= Date.now();
  return (
    <span class="inline">
      <label class="inline">
        <span>until</span>
        <input
          type="datetime-local"
          value={until}
          onInput={(event) => choose(event.currentTarget.value)}
        />
      </label>
      <Change label="Mute" idle={past} act={() => mute(at)} />
    </span>
  );
}

function Mute({ path, resource }: { path: PathDetail; resource: Resource<PathDetail> }) {
  const mute = async (until: Date | null) => {
    const mutedUntil = until === null ? null : until.toISOString();
    await send('PATCH', `/api/v1/paths/${path.id}`, { mutedUntil });
    resource.reload();
  };
  if (isMuted(path) && path.mutedUntil !== null) {
    return (
      <Change label="Hear of it again" act={() => mute(null)}>
        Muted until <Instant at={path.mutedUntil} />: no webhook, still counted.{' '}
      </Change>
    );
  }
  return (
    <div class="actions">
      <Change label="Mute for 8 hours" act={() => mute(inHours(8))} />
      <Change label="Mute for a week" act={() => mute(inHours(168))} />
      <MuteUntil mute={mute} />
    </div>
  );
}

const NAMED = { title: 'Path', all: ['/paths', 'Paths'] } as const;

export function PathPage({ id }: { id: string }) {
  const resource = useResource<PathDetail>(`/api/v1/paths/${encodeURIComponent(id)}`);
  useFresh(/^path|^finding/, [resource.reload]);
  return (
    <Shown resource={resource} lines={14} named={NAMED}>
      {(path) => (
        <>
          <p class="crumbs">
            <a href="/paths">Paths</a> / {pathTitle(path)}
          </p>
          <h1>{headline(path)}</h1>
          <div class="card">
            <PathView path={path}>
              <p>
                <a href={`/findings?path=${path.id}`}>Findings on this path</a>
              </p>
              <Mute path={path} resource={resource} />
            </PathView>
          </div>
          <History history={path.history} />
        </>
      )}
    </Shown>
  );
}
