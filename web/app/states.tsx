/** What a page shows when it has nothing to show: loading, failed, empty. Each says what to do. */
import type { ComponentChildren } from 'preact';
import type { ApiFailure } from '../api/client.ts';
import { useReached } from '../api/reach.ts';
import type { Resource } from '../api/resource.ts';

/** As high as what will come, so that nothing jumps. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

const words = ({ status, message }: ApiFailure): string =>
  status === 0
    ? 'Nothing of this page was there before. It comes as soon as the service answers.'
    : status === 403
      ? 'Your token may not see this. Log in with another one.'
      : status === 404
        ? 'There is no such thing here; it may have been deleted.'
        : message;

export function Failed({ failure, again }: { failure: ApiFailure; again: () => void }) {
  return (
    <div class={failure.status === 0 ? 'failed waiting' : 'failed'} role="alert">
      <p>{words(failure)}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** Beside data an unreached service is told by the frame of the page, once. */
export function Failure({
  failure,
  again,
  hasData,
}: {
  failure: ApiFailure | null;
  again: () => void;
  hasData: boolean;
}) {
  return failure === null || (failure.status === 0 && hasData) ? null : (
    <Failed failure={failure} again={again} />
  );
}

/** What stands over every page while the service does not answer. */
export function Unreached() {
  return useReached() ? null : (
    <p class="failed" role="alert">
      The service cannot be reached. It is asked again every few seconds; what is shown is from
      before.
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

interface Named {
  readonly title: string;
  readonly all?: readonly [href: string, words: string];
}

function Heading({ title, all }: Named) {
  return (
    <>
      {all === undefined ? null : (
        <p class="crumbs">
          <a href={all[0]}>{all[1]}</a>
        </p>
      )}
      <h1>{title}</h1>
    </>
  );
}

/** The resource in one of its states; a failure beside older data leaves the data in sight. */
export function Shown<T>({
  resource,
  lines,
  named,
  children,
}: {
  resource: Resource<T>;
  lines?: number;
  /** Of a page without a heading until its data is there. */
  named?: Named;
  children: (data: T) => ComponentChildren;
}) {
  const { data, failure, reload } = resource;
  return (
    <>
      {failure !== null && data === null && named !== undefined ? <Heading {...named} /> : null}
      <Failure failure={failure} again={reload} hasData={data !== null} />
      {data !== null ? children(data) : failure === null ? <Loading lines={lines ?? 6} /> : null}
    </>
  );
}
