/** One finding: what happened, its packets, and what somebody has decided about it. */
import { useEffect, useState } from 'preact/hooks';
import type { Ladder } from '../../src/report/ladder/schema.ts';
import { send } from '../api/client.ts';
import { type Resource, useResource } from '../api/resource.ts';
import type { StoredFinding } from '../api/shapes.ts';
import { navigate } from '../app/router.ts';
import { Shown } from '../app/states.tsx';
import { Instant } from '../base/instant.tsx';
import { endpoint } from '../base/wording.ts';
import { FindingView } from '../finding/finding-view.tsx';
import { Change } from './change.tsx';
import { useFresh } from './fresh.ts';

async function patch(resource: Resource<StoredFinding>, id: string, change: object): Promise<void> {
  resource.put(await send<StoredFinding>('PATCH', `/api/v1/findings/${id}`, change));
}

function Comment({
  finding,
  resource,
}: {
  finding: StoredFinding;
  resource: Resource<StoredFinding>;
}) {
  const [text, setText] = useState(finding.comment ?? '');
  const unchanged = text === (finding.comment ?? '');
  const kept = unchanged && text !== '';
  const save = () =>
    patch(resource, finding.id, { comment: text.trim() === '' ? null : text.trim() });
  return (
    <div class="comment">
      <label for="comment">Comment</label>
      <textarea
        id="comment"
        rows={2}
        maxLength={4096}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Change label={kept ? 'Saved' : 'Save the comment'} idle={unchanged} act={save} />
    </div>
  );
}

function Triage({
  finding,
  resource,
}: {
  finding: StoredFinding;
  resource: Resource<StoredFinding>;
}) {
  const { acknowledged, id } = finding;
  const toggle = () => patch(resource, id, { acknowledged: acknowledged === null });
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'e') void toggle();
      if (event.key === 'Escape') navigate('/findings');
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  });
  return (
    <section class="card triage">
      <h2>Triage</h2>
      <Change
        label={acknowledged === null ? 'Acknowledge' : 'Not acknowledged after all'}
        act={toggle}
        primary={acknowledged === null}
      >
        {acknowledged === null ? null : (
          <span>
            ✓ Acknowledged by {acknowledged.by ?? 'somebody'}, <Instant at={acknowledged.at} />{' '}
          </span>
        )}
      </Change>
      <Comment key={id} finding={finding} resource={resource} />
    </section>
  );
}

const NAMED = { title: 'Finding', all: ['/findings', 'Findings'] } as const;

export function FindingPage({ id }: { id: string }) {
  const at = `/api/v1/findings/${encodeURIComponent(id)}`;
  const resource = useResource<StoredFinding>(at);
  const ladder = useResource<Ladder>(resource.data?.hasEvidence === true ? `${at}/packets` : null);
  useFresh(/^finding\.updated/, [resource.reload]);
  return (
    <Shown resource={resource} lines={14} named={NAMED}>
      {(finding) => (
        <>
          <p class="crumbs">
            <a href="/findings">Findings</a> / <code>{finding.id}</code>
          </p>
          <h1>
            {endpoint(finding.flow.originator)} → {endpoint(finding.flow.responder)}
          </h1>
          <div class="card">
            <FindingView
              finding={finding}
              ladder={ladder.data}
              sources={[]}
              missing={
                finding.hasEvidence && ladder.failure === null ? (
                  <span class="coming">Its packets are coming.</span>
                ) : (
                  'Its packets were not kept: whoever found it had none, or they were deleted by age.'
                )
              }
            >
              {finding.hasEvidence ? (
                <a class="button" href={`${at}/pcap`} download={`${finding.id}.pcapng`}>
                  Packets (pcapng)
                </a>
              ) : null}
              {finding.path === null ? null : (
                <a class="button" href={`/paths/${finding.path}`}>
                  Its path
                </a>
              )}
              {finding.job === null ? null : (
                <a class="button" href={`/jobs/${finding.job}`}>
                  The job that found it
                </a>
              )}
            </FindingView>
          </div>
          <Triage finding={finding} resource={resource} />
        </>
      )}
    </Shown>
  );
}
