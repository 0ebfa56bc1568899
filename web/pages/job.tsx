/** One job: how far it is, what went wrong, its report. */
import { send } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import type { Job } from '../api/shapes.ts';
import { navigate } from '../app/router.ts';
import { Failed, Loading, Shown } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { Resets, Silences, Sources } from '../report/counted.tsx';
import { headline, PathView } from '../path/path-view.tsx';
import { closesOn, isTold, worstFirst } from '../path/worst.ts';
import type { Report } from '../../src/report/schema.ts';
import { count } from '../../src/report/text/quantity.ts';
import { FindingRow } from '../finding/finding-row.tsx';
import { Change } from './change.tsx';
import { useFresh, useLooks } from './fresh.ts';
import { isOver, JobState, Progress } from './jobs.tsx';

/** Findings of a report that are listed here; all are under Findings. */
const LISTED = 50;

function JobReport({ job }: { job: Job }) {
  const report = useResource<Report>(`/api/v1/jobs/${job.id}/report`);
  if (report.failure !== null) return <Failed failure={report.failure} again={report.reload} />;
  if (report.data === null) return <Loading lines={12} />;
  const { data } = report;
  const paths = worstFirst(data.paths).filter(isTold);
  return (
    <>
      <h2 class="headline">
        {paths[0] === undefined ? 'No connection was cut by a box.' : headline(paths[0])}
      </h2>
      {paths.map((path) => (
        <div class="card" key={path.id}>
          <PathView path={path} closes={closesOn(path, data.findings)}>
            <p>
              <a href={`/paths/${path.id}`}>This path over all captures</a>
            </p>
          </PathView>
        </div>
      ))}
      {data.findings.length === 0 ? null : (
        <section class="card">
          <h2>{count(data.findingsTotal, 'finding')}</h2>
          <ul class="plain-list">
            {data.findings.slice(0, LISTED).map((finding) => (
              <li key={finding.id}>
                <FindingRow finding={finding} href={`/findings/${finding.id}`} />
              </li>
            ))}
          </ul>
          {data.findingsTotal > LISTED ? (
            <p class="note">The first {LISTED}; the report has them all.</p>
          ) : null}
        </section>
      )}
      <div class="counted">
        <Resets report={data} />
        <Silences report={data} />
      </div>
      <div class="card">
        <Sources report={data} />
      </div>
    </>
  );
}

/** The one-file report, as a file: whoever gets it needs no service. */
async function saveHtml(job: Job): Promise<void> {
  const at = `/api/v1/jobs/${job.id}/report`;
  const response = await fetch(at, { headers: { accept: 'text/html' } });
  if (!response.ok) throw new Error(`The service answered ${response.status}`);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `deadair-${job.id}.html`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function Actions({ job, reload }: { job: Job; reload: () => void }) {
  const remove = async () => {
    await send('DELETE', `/api/v1/jobs/${job.id}`);
    if (isOver(job)) navigate('/jobs');
    else reload();
  };
  return (
    <div class="actions">
      {job.hasReport ? (
        <Change label="Save the report as one HTML file" act={() => saveHtml(job)} />
      ) : null}
      {job.hasReport ? (
        <a
          class="button"
          href={`/api/v1/jobs/${job.id}/report`}
          download={`deadair-${job.id}.json`}
        >
          JSON
        </a>
      ) : null}
      <Change label={isOver(job) ? 'Delete capture and report' : 'Cancel'} act={remove} />
    </div>
  );
}

const NAMED = { title: 'Job', all: ['/jobs', 'Jobs'] } as const;

export function JobPage({ id }: { id: string }) {
  const resource = useResource<Job>(`/api/v1/jobs/${encodeURIComponent(id)}`);
  useFresh(/^job/, [resource.reload]);
  useLooks(resource.data !== null && !isOver(resource.data), resource.reload, 1000);
  return (
    <Shown resource={resource} named={NAMED}>
      {(job) => (
        <>
          <p class="crumbs">
            <a href="/jobs">Jobs</a> / <code>{job.id}</code>
          </p>
          <h1>{job.name ?? job.id}</h1>
          <section class="card">
            <p class="job-head">
              <JobState job={job} /> <Progress job={job} />
              <span class="note">
                handed in <Instant at={job.createdAt} />
              </span>
            </p>
            {job.problem === null ? null : (
              <p class="problem">
                {job.problem.message} <span class="note">{job.problem.hint}</span>{' '}
                <code>{job.problem.code}</code>
              </p>
            )}
            <Actions job={job} reload={resource.reload} />
          </section>
          {job.hasReport ? <JobReport job={job} /> : null}
        </>
      )}
    </Shown>
  );
}
