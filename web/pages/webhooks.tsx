/** Webhooks: who hears of what, and what became of every delivery. */
import { useState } from 'preact/hooks';
import { send } from '../api/client.ts';
import { type Resource, useResource } from '../api/resource.ts';
import type { Delivery, Listed, Webhook } from '../api/shapes.ts';
import { navigate } from '../app/router.ts';
import { Empty, Shown } from '../app/states.tsx';
import { CopyButton } from '../base/copy.tsx';
import { Instant } from '../base/instant.tsx';
import { EVENT_WORDS } from '../base/wording.ts';
import { count } from '../../src/report/text/quantity.ts';
import { Change } from './change.tsx';
import { useFresh } from './fresh.ts';

const FORMATS = ['native', 'slack', 'teams', 'alertmanager', 'pagerduty'];

interface Wanted {
  readonly url: string;
  readonly events: string[];
  readonly format: string;
  readonly group: string;
  readonly routingKey?: string;
}

function wantedFrom(form: HTMLFormElement): Wanted {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const key = text('routingKey');
  return {
    url: text('url'),
    events: data.getAll('events').map(String),
    format: text('format'),
    group: text('group'),
    ...(key === '' ? {} : { routingKey: key }),
  };
}

function Secret({ webhook }: { webhook: Webhook }) {
  if (webhook.secret === undefined) return null;
  return (
    <div class="card secret" role="status">
      <h2>Its secret, shown this once</h2>
      <p>
        <code>{webhook.secret}</code> <CopyButton text={webhook.secret} label="Copy the secret" />
      </p>
      <p class="note">The receiver checks webhook-signature with it (Standard Webhooks).</p>
    </div>
  );
}

function Fields({ format, setFormat }: { format: string; setFormat: (format: string) => void }) {
  return (
    <>
      <label>
        <span>URL</span>
        <input
          name="url"
          type="url"
          required
          maxLength={2048}
          placeholder="https://alerts.example/hook"
        />
      </label>
      <label>
        <span>Format</span>
        <select
          name="format"
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value)}
        >
          {FORMATS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Group</span>
        <select name="group">
          <option value="off">every finding</option>
          <option value="path">one alert a path</option>
        </select>
      </label>
      {format === 'pagerduty' ? (
        <label>
          <span>Routing key</span>
          <input name="routingKey" required autocomplete="off" />
        </label>
      ) : null}
    </>
  );
}

function NewWebhook({ onMade }: { onMade: (webhook: Webhook) => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [format, setFormat] = useState('native');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setProblem(null);
    try {
      onMade(await send<Webhook>('POST', '/api/v1/webhooks', wantedFrom(form)));
      form.reset();
    } catch (thrown) {
      setProblem(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return (
    <form class="card fields" onSubmit={(event) => void submit(event)}>
      <h2>New webhook</h2>
      <div class="filters">
        <Fields format={format} setFormat={setFormat} />
      </div>
      <fieldset>
        <legend>When</legend>
        {Object.entries(EVENT_WORDS).map(([type, means]) => (
          <label key={type} class="check">
            <input
              type="checkbox"
              name="events"
              value={type}
              defaultChecked={type === 'finding.created'}
            />{' '}
            {means} <code>{type}</code>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary">
        Create
      </button>
      {problem === null ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

const STATE_WORDS: Readonly<Record<Webhook['state'], string>> = {
  active: '✓ active',
  paused: '– paused',
  disabled: '✕ disabled',
};

const State = ({ state }: { state: Webhook['state'] }) => (
  <span class={`state ${state === 'active' ? 'good' : state === 'disabled' ? 'bad' : ''}`}>
    {STATE_WORDS[state]}
  </span>
);

export function WebhooksPage() {
  const hooks = useResource<Listed<Webhook>>('/api/v1/webhooks');
  const [made, setMade] = useState<Webhook | null>(null);
  const show = (webhook: Webhook) => {
    setMade(webhook);
    hooks.reload();
  };
  return (
    <>
      <h1>Webhooks</h1>
      {made === null ? null : <Secret webhook={made} />}
      <Shown resource={hooks}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              <p>Nobody is told of anything yet.</p>
            </Empty>
          ) : (
            <section class="card">
              <h2>{count(items.length, 'webhook')}</h2>
              <ul class="plain-list">
                {items.map((hook) => (
                  <li key={hook.id}>
                    <a class="job-line" href={`/webhooks/${hook.id}`}>
                      <b>{hook.url}</b>
                      <State state={hook.state} />
                      <span class="note">
                        {hook.format}: {hook.events.join(', ')}
                      </span>
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          )
        }
      </Shown>
      <NewWebhook onMade={show} />
    </>
  );
}

const asTime = (at: string | number | null): string | null =>
  at === null || at === 0 ? null : new Date(at).toISOString();

function DeliveryLine({ delivery, reload }: { delivery: Delivery; reload: () => void }) {
  const at = asTime(delivery.finishedAt) ?? asTime(delivery.createdAt);
  const redeliver = async () => {
    await send('POST', `/api/v1/deliveries/${encodeURIComponent(delivery.id)}/redeliver`);
    reload();
  };
  return (
    <tr>
      <td data-is="When">{at === null ? '–' : <Instant at={at} />}</td>
      <td data-is="Event">
        <code>{delivery.type}</code>
      </td>
      <td data-is="State">
        <span
          class={`state ${delivery.state === 'delivered' ? 'good' : delivery.state === 'dead' ? 'bad' : ''}`}
        >
          {delivery.state}
        </span>
        <span class="note under">{delivery.lastProblem ?? delivery.lastStatus ?? ''}</span>
      </td>
      <td class="n" data-is="Tries">
        {delivery.tries}
      </td>
      <td>
        <Change label="Redeliver" act={redeliver} />
      </td>
    </tr>
  );
}

function Deliveries({ resource }: { resource: Resource<Listed<Delivery>> }) {
  return (
    <section class="card">
      <div class="page-head">
        <h2>Deliveries</h2>
        <button type="button" onClick={resource.reload}>
          Look again
        </button>
      </div>
      <Shown resource={resource}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="note">Nothing has been sent yet.</p>
          ) : (
            <div class="scroll" tabIndex={0} role="group" aria-label="Deliveries">
              <table class="rows">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Event</th>
                    <th scope="col">State</th>
                    <th scope="col" class="n">
                      Tries
                    </th>
                    <th scope="col">
                      <span class="out-of-sight">Redeliver</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((delivery) => (
                    <DeliveryLine key={delivery.id} delivery={delivery} reload={resource.reload} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Shown>
    </section>
  );
}

function HookActions({
  hook,
  resource,
  reload,
}: {
  hook: Webhook;
  resource: Resource<Webhook>;
  reload: () => void;
}) {
  const at = `/api/v1/webhooks/${hook.id}`;
  const [rotated, setRotated] = useState<Webhook | null>(null);
  const test = async () => {
    await send('POST', `${at}/test`);
    reload();
  };
  const toggle = async () =>
    resource.put(
      await send<Webhook>('PATCH', at, { state: hook.state === 'active' ? 'paused' : 'active' }),
    );
  const remove = async () => {
    await send('DELETE', at);
    navigate('/webhooks');
  };
  return (
    <>
      <div class="actions">
        <Change label="Send a test" act={test} primary />
        <Change label={hook.state === 'active' ? 'Pause' : 'Activate'} act={toggle} />
        <Change
          label="New secret"
          act={async () => setRotated(await send<Webhook>('POST', `${at}/rotate`))}
        />
        <Change label="Delete" act={remove} />
      </div>
      {rotated === null ? null : <Secret webhook={rotated} />}
    </>
  );
}

const NAMED = { title: 'Webhook', all: ['/webhooks', 'Webhooks'] } as const;

export function WebhookPage({ id }: { id: string }) {
  const at = `/api/v1/webhooks/${encodeURIComponent(id)}`;
  const resource = useResource<Webhook>(at);
  const deliveries = useResource<Listed<Delivery>>(`${at}/deliveries`);
  useFresh(/^finding|^path|^job|^agent/, [deliveries.reload]);
  return (
    <Shown resource={resource} named={NAMED}>
      {(hook) => (
        <>
          <p class="crumbs">
            <a href="/webhooks">Webhooks</a> / <code>{hook.id}</code>
          </p>
          <h1>{hook.url}</h1>
          <section class="card">
            <p>
              <State state={hook.state} /> {hook.format},{' '}
              {hook.group === 'path' ? 'one alert a path' : 'every event'}: {hook.events.join(', ')}
            </p>
            {hook.problem === null ? null : <p class="problem">{hook.problem}</p>}
            <HookActions hook={hook} resource={resource} reload={deliveries.reload} />
          </section>
          <Deliveries resource={deliveries} />
        </>
      )}
    </Shown>
  );
}
