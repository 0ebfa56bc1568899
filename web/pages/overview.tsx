/** Overview: its first line names the worst path, its T and the cure. */
import type { Agent, Listed, StoredFinding, StoredPath } from '../api/shapes.ts';
import { useResource } from '../api/resource.ts';
import { Hours } from '../app/hours.tsx';
import { Empty, Shown } from '../app/states.tsx';
import { duration, pathTitle } from '../base/wording.ts';
import { FindingRow } from '../finding/finding-row.tsx';
import { figureOf, headline } from '../path/path-view.tsx';
import { worstFirst } from '../path/worst.ts';
import { count, number } from '../../src/report/text/quantity.ts';
import { AgentLine } from './agents.tsx';
import { useFresh, useLooks } from './fresh.ts';

function Nothing() {
  return (
    <Empty>
      <h1>Nothing to show yet</h1>
      <p>
        Hand in a capture under <a href="/jobs">Jobs</a>, or let a gateway watch (
        <code>deadair watch -i eth0 --to redis://…</code>). What dies while it is silent appears
        here.
      </p>
    </Empty>
  );
}

function PathTile({ path }: { path: StoredPath }) {
  return (
    <a class="tile card" href={`/paths/${path.id}`}>
      <span class="tile-name">{pathTitle(path)}</span>
      <span class="tile-t">T {figureOf(path)}</span>
      <span class="note">
        {count(path.killed, 'kill')}, {number(path.survived)} survived
        {path.remedy === null ? '' : `; keepalive ${duration(path.remedy.keepaliveTimeSeconds)}`}
      </span>
    </a>
  );
}

function Health({ agents }: { agents: readonly Agent[] }) {
  return (
    <section class="card">
      <h2>Capture health</h2>
      {agents.length === 0 ? (
        <p class="note">
          No agent watches. Captures that were handed in say under “What was read” what they missed.
        </p>
      ) : (
        <ul class="agent-lines">
          {agents.map((agent) => (
            <AgentLine key={agent.id} agent={agent} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** A megabyte of findings for 48 bars: the page does not wait for it. */
function ByHour() {
  const newest = useResource<Listed<StoredFinding>>('/api/v1/findings?limit=1000');
  useFresh(/^finding/, [newest.reload]);
  return (
    <section class="card by-hour">
      <h2>Findings an hour</h2>
      <Shown resource={newest} lines={3}>
        {({ items, next }) =>
          items.length === 0 ? (
            <p class="note">No findings.</p>
          ) : (
            <Hours findings={items} partial={next !== null} />
          )
        }
      </Shown>
    </section>
  );
}

function Found({
  paths,
  findings,
  agents,
}: {
  paths: readonly StoredPath[];
  findings: Listed<StoredFinding>;
  agents: readonly Agent[];
}) {
  const worst = worstFirst(paths);
  const [first] = worst;
  if (first === undefined && findings.items.length === 0) return <Nothing />;
  return (
    <>
      <h1>
        {first === undefined || first.killed === 0
          ? 'No path is known that kills silent connections.'
          : headline(first)}
      </h1>
      <section class="tiles" aria-label="Worst paths">
        {worst.slice(0, 6).map((path) => (
          <PathTile key={path.id} path={path} />
        ))}
      </section>
      <div class="halves">
        <ByHour />
        <Health agents={agents} />
      </div>
      <section class="card">
        <h2>Newest findings</h2>
        <ul class="plain-list">
          {findings.items.map((finding) => (
            <li key={finding.id}>
              <FindingRow finding={finding} href={`/findings/${finding.id}`} />
            </li>
          ))}
        </ul>
        <p>
          <a href="/findings">All findings</a>
        </p>
      </section>
    </>
  );
}

export function OverviewPage() {
  const paths = useResource<Listed<StoredPath>>('/api/v1/paths?limit=200');
  const findings = useResource<Listed<StoredFinding>>('/api/v1/findings?limit=8');
  const agents = useResource<{ items: readonly Agent[] }>('/api/v1/agents');
  useFresh(/^finding|^path|^agent/, [paths.reload, findings.reload, agents.reload]);
  useLooks(true, agents.reload, 5000);
  return (
    <Shown resource={paths} lines={12} named={{ title: 'Overview' }}>
      {({ items }) => (
        <Shown resource={findings} lines={12}>
          {(found) => <Found paths={items} findings={found} agents={agents.data?.items ?? []} />}
        </Shown>
      )}
    </Shown>
  );
}
