/** Where tokens are set: a token becomes a session cookie; it is never kept by the page. */
import { useState } from 'preact/hooks';
import { ApiFailure, send, SESSION } from '../api/client.ts';
import { forgetAll } from '../api/resource.ts';
import type { Session } from '../api/shapes.ts';

export function LoginPage({
  expired,
  onSession,
}: {
  expired: boolean;
  onSession: (session: Session) => void;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    setBusy(true);
    try {
      const session = await send<Session>('POST', SESSION, { token });
      forgetAll();
      onSession(session);
    } catch (thrown) {
      const refused = thrown instanceof ApiFailure && thrown.status === 401;
      const words = thrown instanceof Error ? thrown.message : String(thrown);
      setProblem(refused ? 'This token is not known here.' : words);
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <p class="brand">
          <span class="mark" aria-hidden="true" /> deadair
        </p>
        <h1>{expired ? 'Your session has ended' : 'Log in'}</h1>
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required />
        <p class="note">
          One of the tokens that the service was started with. It becomes a cookie and is not kept
          by this page.
        </p>
        <button type="submit" class="primary" disabled={busy}>
          Log in
        </button>
        {problem === null ? null : (
          <p role="alert" class="problem">
            {problem}
          </p>
        )}
      </form>
    </main>
  );
}
