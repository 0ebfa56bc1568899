/** Settings of this browser, and the session. Settings of the service are flags of `serve`: a page cannot change them. */
import { useState } from 'preact/hooks';
import { send } from '../api/client.ts';
import { forgetAll } from '../api/resource.ts';
import type { Session } from '../api/shapes.ts';
import { setTheme, type Theme, themeOf } from '../app/theme.ts';
import { Change } from './change.tsx';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'as the system has it'],
  ['light', 'light'],
  ['dark', 'dark'],
];

export function SettingsPage({
  session,
  onSession,
}: {
  session: Session;
  onSession: (session: Session) => void;
}) {
  const [theme, choose] = useState(themeOf());
  const logOut = async () => {
    await send('DELETE', '/api/v1/session');
    forgetAll();
    onSession({ role: null, needsToken: true });
  };
  return (
    <>
      <h1>Settings</h1>
      <section class="card">
        <fieldset>
          <legend>Colours</legend>
          {THEMES.map(([value, words]) => (
            <label key={value} class="check">
              <input
                type="radio"
                name="theme"
                checked={theme === value}
                onChange={() => {
                  setTheme(value);
                  choose(value);
                }}
              />{' '}
              {words}
            </label>
          ))}
        </fieldset>
      </section>
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
