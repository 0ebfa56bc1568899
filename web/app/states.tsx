/** What a page shows when it has nothing to show: loading, failed, empty. Each says what to do. */
import type { ComponentChildren } from 'preact';
import type { ApiFailure } from '../api/client.ts';
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
    ? 'The service cannot be reached. It is asked again every few seconds.'
    : status === 403
      ? 'Your token may not see this. Log in with another one.'
      : status === 404
        ? 'There is no such thing here; it may have been deleted.'
        : message;

export function Failed({ failure, again }: { failure: ApiFailure; again: () => void }) {
  return (
    <div class="failed" role="alert">
      <p>{words(failure)}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** The resource in one of its states; a failure beside older data leaves the data in sight. */
export function Shown<T>({
  resource,
  lines,
  children,
}: {
  resource: Resource<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { data, failure, reload } = resource;
  return (
    <>
      {failure === null ? null : <Failed failure={failure} again={reload} />}
      {data !== null ? children(data) : failure === null ? <Loading lines={lines ?? 6} /> : null}
    </>
  );
}
