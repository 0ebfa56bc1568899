/** A finding whole: what happened in one sentence, the ladder, the evidence for and against. */
import type { ComponentChildren } from 'preact';
import type { Ladder } from '../../src/report/ladder/schema.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { percent } from '../../src/report/text/quantity.ts';
import { CopyButton } from '../base/copy.tsx';
import { Instant } from '../base/instant.tsx';
import { duration, signatureWords, speakerWords } from '../base/wording.ts';
import { LadderView } from '../ladder/ladder-view.tsx';
import { VerdictBadge } from './finding-row.tsx';

function Evidence({ finding }: { finding: FindingReport }) {
  if (finding.evidence.length === 0) return null;
  const strongest = [...finding.evidence].sort((a, b) => b.weight - a.weight);
  return (
    <section class="evidence">
      <h4>Evidence</h4>
      <ul>
        {strongest.map(({ fact, speaksFor, weight }) => (
          <li key={fact}>
            <meter min={0} max={1} value={weight} aria-label={`weight ${percent(weight)}`} />
            <span>
              <b>{speaksFor === finding.verdict ? 'For' : 'Against'}</b> {fact}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ finding }: { finding: FindingReport }) {
  const { ending, trigger, emitter, silence } = finding;
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ['Silent for', duration(silence.seconds)],
    ['From', <Instant key="from" at={silence.startedAt} />],
    ['Broken by', trigger.by === null ? 'nothing' : `${speakerWords(trigger.by)}, ${trigger.kind}`],
    [
      'Ended',
      ending.kind === 'none'
        ? 'without a word'
        : `${ending.kind.toUpperCase()}, ${signatureWords(finding.signature)}`,
    ],
    ['Sent by', emitter.is === 'middlebox' ? 'a box in the middle' : emitter.is],
    ['Programs waited', duration(ending.hangSeconds)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function FindingView({
  finding,
  ladder,
  sources,
  missing,
  children,
}: {
  finding: FindingReport;
  ladder: Ladder | null;
  sources: readonly string[];
  /** Said where there is no ladder. */
  missing: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <article class="finding">
      <p class="finding-summary">{finding.summary}</p>
      <p class="finding-badges">
        <VerdictBadge verdict={finding.verdict} />
        <span>{percent(finding.confidence)} sure</span>
        <code>{finding.id}</code>
      </p>
      <Facts finding={finding} />
      {ladder === null ? (
        <p class="note">{missing}</p>
      ) : (
        <LadderView finding={finding} ladder={ladder} sources={sources} />
      )}
      <div class="finding-actions">
        <CopyButton text={finding.wireshark} label="Wireshark filter" />
        {children}
      </div>
      <Evidence finding={finding} />
    </article>
  );
}
