/** One finding in a list: when, who, how long silent, how it ended, and how sure. */
import type { FindingReport } from '../../src/report/schema.ts';
import { percent } from '../../src/report/text/quantity.ts';
import { Instant } from '../base/instant.tsx';
import { durationInColumn, endpoint, signatureWords, VERDICT_WORDS } from '../base/wording.ts';

const MARKS: Readonly<Record<FindingReport['verdict'], string>> = {
  'box-timeout': '✕',
  'possible-box-timeout': '?',
  burst: '↯',
  'endpoint-timer': '∎',
};

export function VerdictBadge({ verdict }: { verdict: FindingReport['verdict'] }) {
  return (
    <span class={`verdict ${verdict}`}>
      <span aria-hidden="true">{MARKS[verdict]}</span> {VERDICT_WORDS[verdict]}
    </span>
  );
}

export function FindingRow({
  finding,
  href,
  note,
  tab = true,
}: {
  finding: FindingReport;
  href: string;
  /** False where a list has the focus and its keys go through the rows. */
  tab?: boolean;
  note?: string | undefined;
}) {
  const { flow, silence } = finding;
  return (
    <a class="finding-row" href={href} tabIndex={tab ? 0 : -1}>
      <span class="when">
        <Instant at={silence.endedAt} />
      </span>
      <span class="who">
        {endpoint(flow.originator)} <span aria-label="to">→</span> {endpoint(flow.responder)}
      </span>
      <span class="length">{durationInColumn(silence.seconds)}</span>
      <span class="how">{signatureWords(finding.signature)}</span>
      <VerdictBadge verdict={finding.verdict} />
      <span class="sure">{percent(finding.confidence)} sure</span>
      {note === undefined ? null : <span class="row-note">{note}</span>}
    </a>
  );
}

export function FindingHeads() {
  return (
    <div class="finding-row heads" aria-hidden="true">
      <span class="when">When it ended</span>
      <span class="who">Connection</span>
      <span class="length">Silent</span>
      <span class="how">How</span>
      <span class="verdict">Verdict</span>
      <span class="sure">Sure</span>
    </div>
  );
}
