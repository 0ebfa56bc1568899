/** The parts of a report that are counts: resets by cause, silences by outcome, what was read. */
import type { Report } from '../../src/report/schema.ts';
import { count, number } from '../../src/report/text/quantity.ts';
import { CAUSE_MEANS, OUTCOME_MEANS } from '../../src/report/words.ts';
import { Instant } from '../base/instant.tsx';
import { duration } from '../base/wording.ts';

const MEANS: Readonly<Record<string, string>> = {
  ...CAUSE_MEANS,
  abort: 'an endpoint that still knew the connection gave it up',
  'no-silence': 'no silence came before it',
};

interface Counted {
  readonly name: string;
  readonly count: number;
  readonly means: string;
}

function Bars({ rows, total }: { rows: readonly Counted[]; total: number }) {
  return (
    <table class="bars">
      <tbody>
        {rows.map(({ name, count: n, means }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="n">{number(n)}</td>
            <td>
              <meter min={0} max={Math.max(1, total)} value={n} aria-label={`${n} of ${total}`} />
              <span class="note">{means}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Resets({ report }: { report: Report }) {
  const { total, byCause } = report.resets;
  const rows = Object.entries(byCause)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => ({ name, count: n, means: MEANS[name] ?? '' }));
  return (
    <section>
      <h2>Resets explained</h2>
      <p>
        {total === 0
          ? 'There was no reset in the capture.'
          : `Every one of ${count(total, 'reset')}, counted once.`}
      </p>
      <Bars rows={rows} total={total} />
    </section>
  );
}

export function Silences({ report }: { report: Report }) {
  const { observed, ...outcomes } = report.silences;
  const rows = Object.entries(outcomes).map(([name, n]) => ({
    name,
    count: n,
    means: OUTCOME_MEANS[name as keyof typeof OUTCOME_MEANS],
  }));
  return (
    <section>
      <h2>Silences</h2>
      <p>
        {count(observed, 'silence')} of {duration(report.shortestSeconds)} or longer, in{' '}
        {count(report.flows.established, 'established connection')}.
      </p>
      <Bars rows={rows} total={observed} />
    </section>
  );
}

export function Sources({ report }: { report: Report }) {
  return (
    <section>
      <h2>What was read</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="What was read">
        <table class="sources rows">
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col" class="n">
                TCP packets
              </th>
              <th scope="col" class="n">
                Lost by the capture
              </th>
              <th scope="col" class="n">
                Blind
              </th>
              <th scope="col">Complete</th>
            </tr>
          </thead>
          <tbody>
            {report.sources.map((source) => (
              <tr key={source.name}>
                <th scope="row" title={source.name}>
                  {source.name.split('/').at(-1)}
                </th>
                <td data-is="From">
                  {source.firstAt === null ? '–' : <Instant at={source.firstAt} />}
                </td>
                <td data-is="To">
                  {source.lastAt === null ? '–' : <Instant at={source.lastAt} />}
                </td>
                <td class="n" data-is="TCP packets">
                  {number(source.tcpPackets)}
                </td>
                <td class="n" data-is="Lost by the capture">
                  {number(source.droppedPackets)}
                </td>
                <td class="n" data-is="Blind">
                  {duration(source.blindSeconds)}
                </td>
                <td data-is="Complete">
                  {source.problem === null
                    ? source.complete
                      ? 'yes'
                      : 'no'
                    : `no: ${source.problem.what}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
