/** How T of a path moved: a box that was configured anew shows as a step. */
import type { PathDetail } from '../api/shapes.ts';
import { Instant } from '../base/instant.tsx';
import { intervalWords } from '../base/wording.ts';
import { number } from '../../src/report/text/quantity.ts';

type Moment = PathDetail['history'][number];

const words = ({ lowSeconds, highSeconds, status }: Moment): string =>
  intervalWords({
    lowSeconds,
    highSeconds,
    status,
    estimateSeconds: null,
    basis: null,
    reason: null,
  }) ?? '–';

export function History({ history }: { history: readonly Moment[] }) {
  if (history.length === 0) return null;
  return (
    <section class="card">
      <h2>History of T</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="History of T">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">T</th>
              <th scope="col" class="n">
                Killed
              </th>
              <th scope="col" class="n">
                Survived
              </th>
            </tr>
          </thead>
          <tbody>
            {[...history].reverse().map((moment) => (
              <tr key={`${moment.at} ${moment.source}`}>
                <td data-is="When">
                  <Instant at={moment.at} />
                </td>
                <td data-is="T">
                  <span>{words(moment)}</span> <span class="note under">{moment.status}</span>
                </td>
                <td class="n" data-is="Killed">
                  {number(moment.killed)}
                </td>
                <td class="n" data-is="Survived">
                  {number(moment.survived)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
