/** The self-contained report: one file, no server, nothing asked of anybody. */
import type { PathReport, Report } from '../../src/report/schema.ts';
import { count } from '../../src/report/text/quantity.ts';
import { CopyButton } from '../base/copy.tsx';
import { Instant } from '../base/instant.tsx';
import { saveFile } from '../base/save.ts';
import { headline, PathView } from '../path/path-view.tsx';
import { closesOn, isTold, worstFirst } from '../path/worst.ts';
import { Resets, Silences, Sources } from './counted.tsx';
import type { PageData } from './data.ts';
import { Findings } from './findings.tsx';

function firstWords({ paths, findingsTotal, bursts }: Report): string {
  const worst = worstFirst(paths)[0];
  if (worst !== undefined && isTold(worst)) return headline(worst);
  const [burst] = bursts;
  if (burst !== undefined)
    return `${count(burst.flows, 'connection')} died at one moment: ${burst.reading}. That is no timeout.`;
  return findingsTotal === 0
    ? 'No connection died while it was silent.'
    : `${count(findingsTotal, 'finding')}, none of them by a box.`;
}

/** For those who were sent the file and never heard of idle timeouts. */
function Lede({ report }: { report: Report }) {
  const worst = worstFirst(report.paths)[0];
  if (worst === undefined || worst.killed === 0) return null;
  return (
    <p class="lede">
      Firewalls, NATs and load balancers keep a row for every connection, and throw it away when no
      packet has passed for some time, T. Neither end is told: the next to speak is answered with a
      reset, or not at all. A keepalive is an empty packet that the system sends in time.
    </p>
  );
}

function Head({ data }: { data: PageData }) {
  const { report } = data;
  const first = report.sources.find(({ firstAt }) => firstAt !== null)?.firstAt ?? null;
  const names = report.sources.map(({ name }) => name.split('/').at(-1) ?? name).join(', ');
  return (
    <header class="report-head">
      <p class="brand">
        <span class="mark" aria-hidden="true" /> deadair {data.version}
      </p>
      <h1>{firstWords(report)}</h1>
      <Lede report={report} />
      <p class="note">
        {count(report.findingsTotal, 'finding')} in {names}
        {first === null ? '' : ', from '}
        {first === null ? null : <Instant at={first} />}
        {report.complete ? '' : '; not everything could be read'}
      </p>
    </header>
  );
}

function Bursts({ report }: { report: Report }) {
  if (report.bursts.length === 0) return null;
  return (
    <section>
      <h2>Bursts</h2>
      <ul>
        {report.bursts.map(({ at, flows, reading }) => (
          <li key={`${at} ${reading}`}>
            <Instant at={at} />: {count(flows, 'connection')}, {reading}. No timeout.
          </li>
        ))}
      </ul>
    </section>
  );
}

const save = (report: Report): void =>
  saveFile('deadair-report.json', 'application/json', JSON.stringify(report, null, 2));

function Quiet({ paths }: { paths: readonly PathReport[] }) {
  if (paths.length === 0) return null;
  return (
    <details class="quiet-paths">
      <summary>{count(paths.length, 'path')} on which nothing was cut</summary>
      {paths.map((path) => (
        <PathView key={path.id} path={path} />
      ))}
    </details>
  );
}

function Foot({ report }: { report: Report }) {
  const summaries = worstFirst(report.paths).filter(isTold).map(headline);
  return (
    <footer class="report-foot">
      <p>
        A silence is a stretch of an established TCP connection without a packet. T is the 95 %
        interval of a change-point estimate over all silences of a path; where the data does not
        carry one, none is given. UDP and QUIC are not covered. Times are the capture’s own, shown
        in your zone, UTC on hover; the key u shows UTC everywhere.
      </p>
      <button type="button" onClick={() => save(report)}>
        Save the report as JSON
      </button>
      <CopyButton text={summaries.join('\n')} label="Copy the summary" />
    </footer>
  );
}

export function ReportPage({ data }: { data: PageData }) {
  const { report } = data;
  const paths = worstFirst(report.paths);
  return (
    <main class="report">
      <Head data={data} />
      {paths.filter(isTold).map((path) => (
        <PathView key={path.id} path={path} closes={closesOn(path, report.findings)} />
      ))}
      <Findings data={data} />
      <Bursts report={report} />
      <Quiet paths={paths.filter((path) => !isTold(path))} />
      <div class="counted">
        <Resets report={report} />
        <Silences report={report} />
      </div>
      <Sources report={report} />
      <Foot report={report} />
    </main>
  );
}
