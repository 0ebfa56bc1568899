/** Paths: who shares a box, and how long it waits. */
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
      <td class="t-cell">
        {figureOf(path)}
        <span class="note under">
          {path.timeout.status === 'estimated'
            ? intervalWords(path.timeout)
            : reasonWords(path.timeout.reason)}
        </span>
      </td>
      <td class="n">{number(path.killed)}</td>
      <td class="n">{number(path.survived)}</td>
      <td>{path.remedy === null ? '–' : duration(path.remedy.keepaliveTimeSeconds)}</td>
      <td>{path.lastKilledAt === null ? '–' : <Instant at={path.lastKilledAt} />}</td>
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
              <table class="paths">
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

function Mute({ path, resource }: { path: PathDetail; resource: Resource<PathDetail> }) {
  const mute = async (hours: number | null) => {
    const mutedUntil = hours === null ? null : new Date(Date.now() + hours * HOUR_MS).toISOString();
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
      <Change label="Mute for 8 hours" act={() => mute(8)} />
      <Change label="Mute for a week" act={() => mute(168)} />
    </div>
  );
}

export function PathPage({ id }: { id: string }) {
  const resource = useResource<PathDetail>(`/api/v1/paths/${encodeURIComponent(id)}`);
  useFresh(/^path|^finding/, [resource.reload]);
  return (
    <Shown resource={resource} lines={14}>
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
