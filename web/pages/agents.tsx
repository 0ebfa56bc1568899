/** Who watches: heartbeats, interfaces, drops, blind time, spool. Silence of an agent is no good news. */
import type { Agent } from '../api/shapes.ts';
import { useResource } from '../api/resource.ts';
import { Empty, Shown } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { duration } from '../base/wording.ts';
import { count, number } from '../../src/report/text/quantity.ts';
import { bytesText } from './bytes.ts';
import { useFresh, useLooks } from './fresh.ts';

const dropped = ({ interfaces }: Agent): number =>
  interfaces.reduce((sum, { drops }) => sum + drops, 0);

const State = ({ silent }: { silent: boolean }) => (
  <span class={silent ? 'state bad' : 'state good'}>{silent ? '✕ silent' : '✓ watching'}</span>
);

export function AgentLine({ agent }: { agent: Agent }) {
  const lost = dropped(agent);
  return (
    <li>
      <State silent={agent.silent} /> <b>{agent.host}</b>{' '}
      {agent.interfaces.map(({ name }) => name).join(', ')}:{' '}
      {lost === 0 ? 'nothing dropped' : `${count(lost, 'packet')} dropped`},{' '}
      {duration(agent.blindSeconds)} blind
    </li>
  );
}

function AgentCard({ agent }: { agent: Agent }) {
  return (
    <section class="card">
      <h2>
        {agent.host} <State silent={agent.silent} />
      </h2>
      <p class="note">
        Last heartbeat <Instant at={agent.lastAt} />
        {agent.silentSince === null ? '' : ': since then nobody knows what died there'}
      </p>
      <dl class="facts">
        <div>
          <dt>Findings</dt>
          <dd>{number(agent.findings)}</dd>
        </div>
        <div>
          <dt>Blind</dt>
          <dd>{duration(agent.blindSeconds)}</dd>
        </div>
        <div>
          <dt>Waiting to be sent</dt>
          <dd>{bytesText(agent.spoolBytes)}</dd>
        </div>
      </dl>
      <table>
        <thead>
          <tr>
            <th scope="col">Interface</th>
            <th scope="col">State</th>
            <th scope="col" class="n">
              Packets
            </th>
            <th scope="col" class="n">
              Dropped
            </th>
          </tr>
        </thead>
        <tbody>
          {agent.interfaces.map(({ name, up, packets, drops }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{up ? 'up' : 'down'}</td>
              <td class="n">{number(packets)}</td>
              <td class="n">{number(drops)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** How often `watch` sends a heartbeat; there is no event for one. */
const BEAT_MS = 5000;

export function AgentsPage() {
  const agents = useResource<{ items: readonly Agent[] }>('/api/v1/agents');
  useFresh(/^agent/, [agents.reload]);
  useLooks(true, agents.reload, BEAT_MS);
  return (
    <>
      <h1>Agents</h1>
      <Shown resource={agents}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              <p>
                Nobody watches yet. On a gateway: <code>deadair watch -i eth0 --to redis://…</code>
              </p>
            </Empty>
          ) : (
            items.map((agent) => <AgentCard key={agent.id} agent={agent} />)
          )
        }
      </Shown>
    </>
  );
}
