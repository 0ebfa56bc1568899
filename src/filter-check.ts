/**
 * Whether libpcap can compile a filter, asked in a process of its own (`deadair role filter`): what a client wrote may be
 * a host name that has to be looked up, or an expression on which the compiler spends seconds, and the API must not wait
 * for either. One at a time: whoever has many questions waits for their answers alone.
 */
import { addon } from './capture/addon.ts';
import { asAppError } from './capture/problems.ts';
import { spawnRole } from './serve-spawn.ts';

interface Verdict {
  /** libpcap's words; null: it compiles. */
  readonly complaint: string | null;
}

/** Chosen: a hundred times as long as it takes. */
const WITHIN_MS = 5000;

/** Null also where libpcap is not there: the client cannot help it, and the analysis says it. */
function complaintOf(expression: string): string | null {
  try {
    return addon().checkFilter(expression);
  } catch (thrown) {
    if (asAppError(thrown).code === 'E_ADDON_MISSING') return null;
    throw thrown;
  }
}

/** The child's side. */
export function filterRole(): void {
  process.once('message', ({ expression }: { expression: string }) => {
    const verdict: Verdict = { complaint: complaintOf(expression) };
    process.send?.(verdict, undefined, undefined, () => process.disconnect());
  });
}

/** Null where no process can be started: then the analysis says it. */
function ask(expression: string): Promise<string | null> {
  const child = spawnRole('filter');
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      answer(`it does not compile within ${WITHIN_MS / 1000} s`);
      child.kill('SIGKILL');
    }, WITHIN_MS);
    const answer = (complaint: string | null) => {
      clearTimeout(timer);
      resolve(complaint);
    };
    child.once('message', ({ complaint }: Verdict) => answer(complaint));
    child.once('error', () => answer(null));
    // Behind its last message.
    child.once('disconnect', () => answer('libpcap died of it'));
    child.send({ expression }, () => {});
  });
}

let before: Promise<unknown> = Promise.resolve();

/** Null: it compiles. */
export function filterComplaint(expression: string): Promise<string | null> {
  const answer = before.then(() => ask(expression));
  before = answer;
  return answer;
}
