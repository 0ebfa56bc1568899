/** What paper needs instead: a list that does not scroll, and nothing folded away. */
import type { FindingReport } from '../../src/report/schema.ts';
import { count, percent } from '../../src/report/text/quantity.ts';
import { Instant } from '../base/instant.tsx';
import { durationInColumn, endpoint, signatureWords, VERDICT_WORDS } from '../base/wording.ts';

/** Chosen: two pages. */
const MOST_PRINTED = 100;

function PrintedRow({ finding }: { finding: FindingReport }) {
  const { flow, silence, signature, verdict, confidence } = finding;
  return (
    <tr>
      <td>
        <Instant at={silence.endedAt} />
      </td>
      <td>
        {endpoint(flow.originator)} → {endpoint(flow.responder)}
      </td>
      <td class="n">{durationInColumn(silence.seconds)}</td>
      <td>{signatureWords(signature)}</td>
      <td>{VERDICT_WORDS[verdict]}</td>
      <td class="n">{percent(confidence)}</td>
    </tr>
  );
}

/** In the page, and seen on paper alone. */
export function PrintedFindings({ findings }: { findings: readonly FindingReport[] }) {
  const left = findings.length - MOST_PRINTED;
  return (
    <div class="printed" aria-hidden="true">
      <table class="sources">
        <thead>
          <tr>
            <th>When it ended</th>
            <th>Connection</th>
            <th class="n">Silent</th>
            <th>How</th>
            <th>Verdict</th>
            <th class="n">Sure</th>
          </tr>
        </thead>
        <tbody>
          {findings.slice(0, MOST_PRINTED).map((finding) => (
            <PrintedRow key={finding.id} finding={finding} />
          ))}
        </tbody>
      </table>
      {left > 0 ? <p class="note">{count(left, 'further finding')} in the file itself.</p> : null}
    </div>
  );
}

/** Folded parts are opened for paper, and folded again behind it. */
export function unfoldForPrint(): void {
  const folded = new Set<HTMLDetailsElement>();
  const unfold = () => {
    for (const details of document.querySelectorAll('details')) {
      if (!details.open) folded.add(details);
      details.open = true;
    }
  };
  const fold = () => {
    for (const details of folded) details.open = false;
    folded.clear();
  };
  const paper = window.matchMedia('print');
  paper.addEventListener('change', () => (paper.matches ? unfold() : fold()));
}
