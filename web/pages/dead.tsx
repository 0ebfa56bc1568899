/** Dead letters: work that was given up, why, and the button that puts it back. */
import { send } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import type { DeadLetter } from '../api/shapes.ts';
import { Empty, Shown } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { count } from '../../src/report/text/quantity.ts';
import { Change } from './change.tsx';

function Letter({ letter, reload }: { letter: DeadLetter; reload: () => void }) {
  const redrive = async () => {
    await send('POST', '/api/v1/dead', { queue: letter.queue, id: letter.id });
    reload();
  };
  return (
    <section class="card">
      <h2>
        {letter.queue} <code>{letter.id}</code>
      </h2>
      <p class="problem">{letter.reason}</p>
      <p class="note">
        given up <Instant at={letter.failedAt} /> after {count(letter.attempts, 'attempt')}
      </p>
      <details>
        <summary>Payload</summary>
        <pre tabIndex={0}>{JSON.stringify(letter.payload, null, 2).slice(0, 20_000)}</pre>
      </details>
      <Change label="Put it back" act={redrive} />
    </section>
  );
}

export function DeadPage() {
  const letters = useResource<{ items: readonly DeadLetter[] }>('/api/v1/dead');
  return (
    <>
      <h1>Dead letters</h1>
      <Shown resource={letters}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              <p>✓ Nothing was given up.</p>
            </Empty>
          ) : (
            items.map((letter) => (
              <Letter
                key={`${letter.queue} ${letter.id}`}
                letter={letter}
                reload={letters.reload}
              />
            ))
          )
        }
      </Shown>
    </>
  );
}
