/** What tus refuses by itself, with its statuses (tus.io/protocols/resumable-upload) and in our form: problem+json. */
import { Server } from '@tus/server';
import { asProblem, Problem, type ProblemSlug } from './problem.ts';

const SLUGS: Readonly<Record<number, ProblemSlug>> = {
  400: 'bad-request',
  403: 'upload-header',
  404: 'not-found',
  409: 'conflict',
  410: 'upload-gone',
  412: 'upload-version',
  413: 'too-large',
  501: 'not-implemented',
};

/** As tus wants it thrown. */
export class TusError extends Error {
  readonly status_code: number;
  readonly body: string;

  constructor(thrown: unknown) {
    super('upload refused', { cause: thrown });
    const problem = asProblem(thrown);
    this.status_code = problem.status;
    this.body = problem.text();
  }
}

/** A sentence of tus for people; ours has been made into a problem already. */
function problemText(status: number, body: string): string {
  if (body.startsWith('{')) return body;
  const slug = SLUGS[status];
  return (slug === undefined ? asProblem(null) : new Problem(slug, body.trim())).text();
}

export class TusServer extends Server {
  override write(
    context: Parameters<Server['write']>[0],
    headers: Headers,
    status: number,
    body = '',
  ): ReturnType<Server['write']> {
    if (status < 400) return super.write(context, headers, status, body);
    headers.set('content-type', 'application/problem+json');
    const known = SLUGS[status] !== undefined || body.startsWith('{');
    return super.write(context, headers, known ? status : 500, problemText(status, body));
  }
}
