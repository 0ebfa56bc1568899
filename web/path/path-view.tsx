/** A path whole: T in large figures, the silence plot, the prescription. */
import type { ComponentChildren } from 'preact';
import type { PathReport } from '../../src/report/schema.ts';
import { count, number } from '../../src/report/text/quantity.ts';
import {
  duration,
  felt,
  intervalWords,
  pathTitle,
  reasonWords,
  speakerWords,
} from '../base/wording.ts';
import { Certainty, Prescription } from '../cure/prescription.tsx';
import { SilencePlot } from '../plot/silence-plot.tsx';

const isTimer = ({ timeout }: PathReport): boolean => timeout.reason === 'endpoint-timer';

/** T in one figure: what the interval leaves to say. */
export function figureOf(path: PathReport): string {
  const { estimateSeconds, lowSeconds, highSeconds } = path.timeout;
  if (isTimer(path))
    return path.endpointTimerSeconds === null ? '–' : felt(path.endpointTimerSeconds);
  if (estimateSeconds !== null) return `≈ ${felt(estimateSeconds)}`;
  if (highSeconds !== null) return `≤ ${felt(highSeconds)}`;
  return lowSeconds === null ? 'unknown' : `> ${felt(lowSeconds)}`;
}

const cure = ({ remedy }: PathReport, keepalive: string): string =>
  remedy === null
    ? ''
    : ` ${keepalive} after ${duration(remedy.keepaliveTimeSeconds)} of silence cures it.`;

/** The sentence that a person who reads nothing else should read. */
export function headline(path: PathReport): string {
  const where = pathTitle(path);
  const interval = intervalWords(path.timeout);
  if (isTimer(path)) {
    const after = path.endpointTimerSeconds;
    const when = after === null ? '' : ` after ${duration(after)} without payload`;
    return `Connections to ${where} are closed${when} by an application or a proxy, not by a box.`;
  }
  if (path.killed === 0) return `Nothing silent was cut on the way to ${where}.`;
  if (interval === null)
    return `Connections to ${where} die while silent; after how long is not known yet.`;
  return path.boxSeen === false
    ? `Connections to ${where} die after ${interval} of silence: perhaps a box forgets them, perhaps the server was away.${cure(path, 'If a box does, keepalive')}`
    : `A box on the way to ${where} forgets connections after ${interval} of silence.${cure(path, 'Keepalive')}`;
}

function Figures({ path }: { path: PathReport }) {
  const why = reasonWords(path.timeout.reason);
  const { longestSurvivedSeconds: longest, shortestKilledSeconds: shortest } = path;
  return (
    <dl class="figures">
      <div class="t">
        <dt>{isTimer(path) ? 'Idle timer of an endpoint' : 'Idle timeout T'}</dt>
        <dd>{figureOf(path)}</dd>
        <dd class="why">
          {path.timeout.status === 'estimated' ? `95 %: ${intervalWords(path.timeout) ?? ''}` : why}
        </dd>
      </div>
      <div>
        <dt>Killed</dt>
        <dd>{number(path.killed)}</dd>
        <dd class="why">{shortest === null ? '' : `shortest after ${duration(shortest)}`}</dd>
      </div>
      <div>
        <dt>Survived</dt>
        <dd>{number(path.survived)}</dd>
        <dd class="why">{longest === null ? '' : `longest ${duration(longest)}`}</dd>
      </div>
    </dl>
  );
}

function Hints({ path }: { path: PathReport }) {
  const { hints, keepalive, members } = path;
  return (
    <ul class="path-notes">
      {hints.length === 0 ? null : (
        <li>
          Known boxes with this default:{' '}
          {hints.map(({ box, seconds }) => `${box} (${duration(seconds)})`).join(', ')}. A hint, no
          verdict.
        </li>
      )}
      {keepalive.reading === null ? null : <li>Keepalive: {keepalive.reading}.</li>}
      {members.length < 2 ? null : (
        <li>{count(members.length, 'server or port', 'servers or ports')} share this timeout.</li>
      )}
    </ul>
  );
}

/** `closes`: silences that a timer of an endpoint ended, where the findings are at hand. */
export function PathView({
  path,
  closes,
  children,
}: {
  path: PathReport;
  closes?: readonly number[];
  children?: ComponentChildren;
}) {
  return (
    <section class="path" id={path.id}>
      <header class="path-head">
        <h2>{pathTitle(path)}</h2>
        <p>
          the {speakerWords(path.firstSpeaker)} speaks first after the silence
          {path.capturePoint === null ? '' : `, seen at ${path.capturePoint}`}
        </p>
      </header>
      <Figures path={path} />
      <SilencePlot path={path} {...(closes === undefined ? {} : { closes })} />
      <div class="path-more">
        <Prescription path={path} />
        <div class="path-side">
          <Certainty path={path} />
          <Hints path={path} />
          {children}
        </div>
      </div>
    </section>
  );
}
