/** Which page an address is, and whether somebody has to log in first. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { ask, ApiFailure, SESSION, whenSessionExpires } from '../api/client.ts';
import { useAgain } from '../api/reach.ts';
import type { Session } from '../api/shapes.ts';
import { connect } from '../live/events.ts';
import { AboutPage } from '../pages/about.tsx';
import { AgentsPage } from '../pages/agents.tsx';
import { DeadPage } from '../pages/dead.tsx';
import { FindingPage } from '../pages/finding.tsx';
import { FindingsPage } from '../pages/findings.tsx';
import { JobPage } from '../pages/job.tsx';
import { JobsPage } from '../pages/jobs.tsx';
import { LivePage } from '../pages/live.tsx';
import { LoginPage } from '../pages/login.tsx';
import { OverviewPage } from '../pages/overview.tsx';
import { PathPage, PathsPage } from '../pages/paths.tsx';
import { SettingsPage } from '../pages/settings.tsx';
import { WebhookPage, WebhooksPage } from '../pages/webhooks.tsx';
import { type Address, useAddress } from './router.ts';
import { Shell } from './shell.tsx';
import { Empty, Failed, Loading } from './states.tsx';

interface Place {
  readonly title: string;
  readonly page: ComponentChildren;
}

type Draw = (
  id: string,
  address: Address,
  session: Session,
  onSession: (session: Session) => void,
) => Place;

const ROUTES: readonly (readonly [RegExp, Draw])[] = [
  [/^\/$/, () => ({ title: 'Overview', page: <OverviewPage /> })],
  [/^\/paths$/, () => ({ title: 'Paths', page: <PathsPage /> })],
  [/^\/paths\/([^/]+)$/, (id) => ({ title: 'Path', page: <PathPage key={id} id={id} /> })],
  [
    /^\/findings$/,
    (_, address) => ({ title: 'Findings', page: <FindingsPage address={address} /> }),
  ],
  [/^\/findings\/([^/]+)$/, (id) => ({ title: 'Finding', page: <FindingPage key={id} id={id} /> })],
  [/^\/jobs$/, () => ({ title: 'Jobs', page: <JobsPage /> })],
  [/^\/jobs\/([^/]+)$/, (id) => ({ title: 'Job', page: <JobPage key={id} id={id} /> })],
  [/^\/live$/, () => ({ title: 'Live', page: <LivePage /> })],
  [/^\/agents$/, () => ({ title: 'Agents', page: <AgentsPage /> })],
  [/^\/webhooks$/, () => ({ title: 'Webhooks', page: <WebhooksPage /> })],
  [/^\/webhooks\/([^/]+)$/, (id) => ({ title: 'Webhook', page: <WebhookPage key={id} id={id} /> })],
  [/^\/dead$/, () => ({ title: 'Dead letters', page: <DeadPage /> })],
  [
    /^\/settings$/,
    (_, __, session, onSession) => ({
      title: 'Settings',
      page: <SettingsPage session={session} onSession={onSession} />,
    }),
  ],
  [/^\/about$/, () => ({ title: 'About', page: <AboutPage /> })],
];

const nowhere = (): Place => ({
  title: 'Not found',
  page: (
    <Empty>
      <h1>There is no such page</h1>
      <p>
        <a href="/">To the overview</a>
      </p>
    </Empty>
  ),
});

function placeAt(address: Address, session: Session, onSession: (session: Session) => void): Place {
  for (const [pattern, draw] of ROUTES) {
    const match = pattern.exec(address.path.replace(/(.)\/$/, '$1'));
    if (match !== null)
      return draw(decodeURIComponent(match[1] ?? ''), address, session, onSession);
  }
  return nowhere();
}

function useSession() {
  const [session, setSession] = useState<Session | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [expired, setExpired] = useState(false);
  const load = useCallback(() => {
    setFailure(null);
    ask<Session>(SESSION).then(setSession, (thrown: unknown) =>
      setFailure(thrown instanceof ApiFailure ? thrown : new ApiFailure(0, String(thrown))),
    );
  }, []);
  useLayoutEffect(() => {
    whenSessionExpires(() => {
      setExpired(true);
      setSession({ role: null, needsToken: true });
    });
    load();
  }, []);
  useAgain(failure?.status === 0, load, failure);
  return { session, setSession, failure, load, expired };
}

export function App() {
  const address = useAddress();
  const [keysShown, showKeys] = useState(false);
  const { session, setSession, failure, load, expired } = useSession();
  const may = session !== null && session.role !== null;
  useEffect(() => {
    if (may) connect();
  }, [may]);
  const place = session === null ? null : placeAt(address, session, setSession);
  useEffect(() => {
    document.title = place === null ? 'deadair' : `${place.title} · deadair`;
  }, [place?.title]);
  if (session !== null && session.role === null)
    return <LoginPage expired={expired} onSession={setSession} />;
  return (
    <Shell path={address.path} keysShown={keysShown} showKeys={showKeys}>
      {failure !== null ? (
        <Failed failure={failure} again={load} />
      ) : (
        (place?.page ?? <Loading lines={12} />)
      )}
    </Shell>
  );
}
