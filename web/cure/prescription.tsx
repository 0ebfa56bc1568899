/** The prescription box: the lines for the chosen stack to copy, and what they are sure of. */
import { useId, useMemo, useState } from 'preact/hooks';
import type { PathReport } from '../../src/report/schema.ts';
import { CopyButton } from '../base/copy.tsx';
import { duration } from '../base/wording.ts';
import { certaintyOf } from './certainty.ts';

type Lines = NonNullable<PathReport['remedy']>['lines'];

/** Stack → its lines, in the order of the report. */
function byStack(lines: Lines): ReadonlyMap<string, Lines> {
  const stacks = new Map<string, Lines>();
  for (const line of lines) stacks.set(line.stack, [...(stacks.get(line.stack) ?? []), line]);
  return stacks;
}

const settings = (lines: Lines): string[] =>
  lines.filter(({ kind }) => kind === 'set').map(({ text }) => text);

function StackLines({ stack, lines }: { stack: string; lines: Lines }) {
  const set = settings(lines);
  const notes = lines.filter(({ kind }) => kind === 'note');
  return (
    <div class="stack">
      {set.length === 0 ? null : (
        <div class="code">
          <pre tabIndex={0} aria-label={`Settings for ${stack}`}>
            <code>{set.join('\n')}</code>
          </pre>
          <CopyButton text={`${set.join('\n')}\n`} label="Copy" />
        </div>
      )}
      {notes.map(({ text }) => (
        <p key={text} class="note">
          {`${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.…)]$/.test(text) ? '' : '.'}`}
        </p>
      ))}
    </div>
  );
}

function StackChoice({ lines, guessed }: { lines: Lines; guessed: string | null }) {
  const id = useId();
  const stacks = useMemo(() => byStack(lines), [lines]);
  const first = stacks.has('Linux') ? 'Linux' : ([...stacks.keys()][0] ?? '');
  const [chosen, choose] = useState(first);
  const stack = stacks.has(chosen) ? chosen : first;
  if (stacks.size === 0) return null;
  return (
    <>
      <div class="stack-choice">
        <label for={id}>Lines for</label>
        <select id={id} value={stack} onChange={(event) => choose(event.currentTarget.value)}>
          {[...stacks.keys()].map((name) => (
            <option key={name} value={name}>
              {name === guessed ? `${name} (guessed from the port)` : name}
            </option>
          ))}
        </select>
      </div>
      <StackLines stack={stack} lines={stacks.get(stack) ?? []} />
    </>
  );
}

export function Certainty({ path }: { path: PathReport }) {
  const { sure, unsure } = certaintyOf(path);
  if (sure.length + unsure.length === 0) return null;
  const list = (title: string, kind: string, lines: readonly string[]) =>
    lines.length === 0 ? null : (
      <div class={`certainty ${kind}`}>
        <h4>{title}</h4>
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
    );
  return (
    <div class="certainties">
      {list('What this is sure of', 'sure', sure)}
      {list('What it is not sure of', 'unsure', unsure)}
    </div>
  );
}

function Dose({ remedy }: { remedy: NonNullable<PathReport['remedy']> }) {
  const { keepaliveTimeSeconds, keepaliveIntervalSeconds, keepaliveProbes, userTimeoutSeconds } =
    remedy;
  return (
    <dl class="dose">
      <div class="first">
        <dt>Keepalive after</dt>
        <dd>{duration(keepaliveTimeSeconds)}</dd>
      </div>
      <div>
        <dt>then every</dt>
        <dd>{duration(keepaliveIntervalSeconds)}</dd>
      </div>
      <div>
        <dt>give up after</dt>
        <dd>{keepaliveProbes} probes</dd>
      </div>
      {userTimeoutSeconds === null ? null : (
        <div>
          <dt>TCP_USER_TIMEOUT</dt>
          <dd>{duration(userTimeoutSeconds)}</dd>
        </div>
      )}
    </dl>
  );
}

export function Prescription({ path }: { path: PathReport }) {
  const { remedy, timerRemedy } = path;
  if (remedy === null && timerRemedy === null) return null;
  return (
    <section class="prescription" aria-label="Prescription">
      <h3>{remedy === null ? 'Keepalive will not help here' : 'What to do'}</h3>
      {remedy === null ? (
        <p>These connections are closed by a timer that counts payload.</p>
      ) : (
        <Dose remedy={remedy} />
      )}
      <StackChoice lines={(remedy ?? timerRemedy)?.lines ?? []} guessed={remedy?.stack ?? null} />
      {path.remarks.length === 0 ? null : <p class="note">{path.remarks.join('. ')}.</p>}
    </section>
  );
}
