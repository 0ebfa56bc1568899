/** Settings of this browser, and the session. Settings of the service are flags of `serve`: a page cannot change them. */
import { useState } from 'preact/hooks';
import { send, SESSION } from '../api/client.ts';
import { forgetAll } from '../api/resource.ts';
import type { Session } from '../api/shapes.ts';
import { setTheme, type Theme, themeOf } from '../app/theme.ts';
import { setZone, useZone, type Zone } from '../base/zone.ts';
import { Change } from './change.tsx';

const ZONES: readonly (readonly [Zone, string])[] = [
  ['local', 'of this place, UTC on hover'],
  ['utc', 'UTC everywhere (the key u changes it)'],
];

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'as the system has it'],
  ['light', 'light'],
  ['dark', 'dark'],
];

function Choice<T extends string>({
  name,
  legend,
  of,
  chosen,
  choose,
}: {
  name: string;
  legend: string;
  of: readonly (readonly [T, string])[];
  chosen: T;
  choose: (value: T) => void;
}) {
  return (
    <section class="card">
      <fieldset>
        <legend>{legend}</legend>
        {of.map(([value, words]) => (
          <label key={value} class="check">
            <input
              type="radio"
              name={name}
              checked={chosen === value}
              onChange={() => choose(value)}
            />{' '}
            {words}
          </label>
        ))}
      </fieldset>
    </section>
  );
}

export function SettingsPage({
  session,
  onSession,
}: {
  session: Session;
  onSession: (session: Session) => void;
}) {
  const zone = useZone();
  const [theme, choose] = useState(themeOf());
  const chooseTheme = (value: Theme) => {
    setTheme(value);
    choose(value);
  };
  const logOut = async () => {
    await send('DELETE', SESSION);
    forgetAll();
    onSession({ role: null, needsToken: true });
  };
  return (
    <>
      <h1>Settings</h1>
      <Choice name="theme" legend="Colours" of={THEMES} chosen={theme} choose={chooseTheme} />
      <Choice name="zone" legend="Times" of={ZONES} chosen={zone} choose={setZone} />
      <section class="card">
        <h2>Session</h2>
        {session.needsToken ? (
          <>
            <p>
              You are logged in with a token of the role <b>{session.role}</b>.
            </p>
            <Change label="Log out" act={logOut} />
          </>
        ) : (
          <p>
            No token is set: everybody who reaches this service on this machine may do everything.
          </p>
        )}
      </section>
      <section class="card">
        <h2>Of the service</h2>
        <p>
          Address, data folder, Redis, retention, tokens and what webhooks may reach are flags of{' '}
          <code>deadair serve</code>, never of this page. The queues can be looked at under{' '}
          <a href="/admin/queues" target="_blank" rel="noreferrer">
            /admin/queues
          </a>
          , the API is described at <a href="/openapi.json">/openapi.json</a>, metrics for
          Prometheus are at{' '}
          <a href="/metrics" target="_blank" rel="noreferrer">
            /metrics
          </a>
          .
        </p>
      </section>
    </>
  );
}
