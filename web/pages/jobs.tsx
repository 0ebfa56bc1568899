/** Jobs: drop a capture on the page, see it travel and be analysed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Job, Listed } from '../api/shapes.ts';
import { upload } from '../api/upload.ts';
import { useResource } from '../api/resource.ts';
import { navigate } from '../app/router.ts';
import { Empty, Shown } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { count, number, percent } from '../../src/report/text/quantity.ts';
import { bytesText } from './bytes.ts';
import { useFresh, useLooks } from './fresh.ts';

const WORDS: Readonly<Record<Job['state'], string>> = {
  queued: '… queued',
  running: '▸ running',
  completed: '✓ completed',
  failed: '✕ failed',
  cancelled: '– cancelled',
};

export function JobState({ job }: { job: Job }) {
  const tone = job.state === 'failed' ? 'bad' : job.state === 'completed' ? 'good' : '';
  return <span class={`state ${tone}`}>{WORDS[job.state]}</span>;
}

export const isOver = ({ state }: Job): boolean => state !== 'queued' && state !== 'running';

export function Progress({ job }: { job: Job }) {
  const { bytes, totalBytes, findings } = job.progress;
  const share = totalBytes > 0 ? bytes / totalBytes : 0;
  return (
    <span class="job-progress">
      <progress
        hidden={isOver(job)}
        max={1}
        value={isOver(job) ? 1 : share}
        aria-label={`Analysed ${percent(share)}`}
      />
      <span class="note">
        {isOver(job) ? bytesText(job.bytes) : `${bytesText(bytes)} of ${bytesText(totalBytes)}`},{' '}
        {count(findings, 'finding')}
      </span>
    </span>
  );
}

interface Sending {
  readonly name: string;
  readonly share: number;
  readonly problem: string | null;
  readonly stop: () => void;
}

function useUploads(): readonly [
  ReadonlyMap<number, Sending>,
  (files: Iterable<File>, shortest: string) => void,
] {
  const [sending, setSending] = useState<ReadonlyMap<number, Sending>>(new Map());
  const next = useRef(0);
  const change = (key: number, now: Partial<Sending> | null) =>
    setSending((before) => {
      const after = new Map(before);
      const known = after.get(key);
      if (now === null) after.delete(key);
      else if (known !== undefined) after.set(key, { ...known, ...now });
      return after;
    });
  const start = (file: File, shortest: string, alone: boolean) => {
    const key = next.current++;
    const { done, abort } = upload(file, shortest, (share) => change(key, { share }));
    setSending((before) =>
      new Map(before).set(key, { name: file.name, share: 0, problem: null, stop: abort }),
    );
    const finish = async () => {
      try {
        const job = await done;
        change(key, null);
        if (alone) navigate(`/jobs/${job.id}`);
      } catch (thrown) {
        change(key, { problem: thrown instanceof Error ? thrown.message : String(thrown) });
      }
    };
    void finish();
  };
  const send = (files: Iterable<File>, shortest: string) => {
    const list = [...files];
    for (const file of list) start(file, shortest, list.length === 1);
  };
  return [sending, send];
}

function SendingLine({ one }: { one: Sending }) {
  return (
    <li>
      <b>{one.name}</b>{' '}
      {one.problem === null ? (
        <>
          <progress max={1} value={one.share} aria-label={`Sent of ${one.name}`} />{' '}
          {percent(one.share)} sent{' '}
          <button type="button" onClick={one.stop}>
            Stop
          </button>
        </>
      ) : (
        <span class="problem" role="alert">
          {one.problem}
        </span>
      )}
    </li>
  );
}

/** Files dropped anywhere on the page are meant for here. */
function useDrop(take: (files: FileList) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const drag = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === 'dragover');
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer !== null && event.dataTransfer.files.length > 0)
        latest.current(event.dataTransfer.files);
    };
    document.addEventListener('dragover', drag);
    document.addEventListener('dragleave', drag);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', drag);
      document.removeEventListener('dragleave', drag);
      document.removeEventListener('drop', drop);
    };
  }, []);
  return over;
}

function HandIn() {
  const [sending, send] = useUploads();
  const [shortest, setShortest] = useState('');
  const over = useDrop((files) => send(files, shortest));
  return (
    <section class={over ? 'card hand-in over' : 'card hand-in'}>
      <h2>Hand in a capture</h2>
      <p>Drop pcap or pcapng files anywhere on this page (also .gz and .zst), or choose them:</p>
      <div class="actions">
        <input
          type="file"
          multiple
          aria-label="Captures"
          onChange={(event) => {
            const { files } = event.currentTarget;
            if (files !== null) send(files, shortest);
            event.currentTarget.value = '';
          }}
        />
        <label class="inline">
          <span>Shortest silence</span>
          <input
            size={6}
            placeholder="20s"
            value={shortest}
            onInput={(event) => setShortest(event.currentTarget.value.trim())}
          />
        </label>
      </div>
      {sending.size === 0 ? null : (
        <ul class="sending">
          {[...sending].map(([key, one]) => (
            <SendingLine key={key} one={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function JobLine({ job }: { job: Job }) {
  return (
    <li>
      <a href={`/jobs/${job.id}`} class="job-line">
        <b>{job.name ?? job.id}</b>
        <JobState job={job} />
        <Progress job={job} />
        <span class="note">
          <Instant at={job.createdAt} />
        </span>
      </a>
    </li>
  );
}

export function JobsPage() {
  const jobs = useResource<Listed<Job>>('/api/v1/jobs?limit=200');
  useFresh(/^job/, [jobs.reload]);
  useLooks(jobs.data?.items.some((job) => !isOver(job)) ?? false, jobs.reload, 1000);
  return (
    <>
      <h1>Jobs</h1>
      <HandIn />
      <Shown resource={jobs}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty>
              <p>No capture has been handed in yet.</p>
            </Empty>
          ) : (
            <section class="card">
              <h2>
                {next === null
                  ? count(items.length, 'job')
                  : `The newest ${number(items.length)} jobs`}
              </h2>
              <ul class="plain-list">
                {items.map((job) => (
                  <JobLine key={job.id} job={job} />
                ))}
              </ul>
            </section>
          )
        }
      </Shown>
    </>
  );
}
