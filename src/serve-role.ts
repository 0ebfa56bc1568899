/**
 * The child's side of `deadair serve`: waits for what it is to do, does it until it is told to stop, and never outlives
 * its parent.
 */
import { asAppError } from './capture/problems.ts';

/** What every role is told. Plain data: it crosses a process border. */
export interface RoleConfig {
  readonly data: string;
  /** URL of the Redis; over IPC alone, never in arguments or environment. */
  readonly redis: string;
  readonly concurrency: number;
  readonly memoryBytes: number;
  /** File with names of addresses. */
  readonly names: string | null;
  readonly webhookAllow: readonly string[];
  readonly inbox: readonly string[];
  /** How long a file of the inbox has to rest; null: the default. */
  readonly inboxRestMs: number | null;
}

export type ToRole =
  | { readonly kind: 'start'; readonly config: RoleConfig }
  | { readonly kind: 'stop'; readonly withinMs: number };

export type FromRole =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };

export interface Running {
  /** Ends within about `withinMs`; what is not done by then goes on in the next process. */
  close(withinMs: number): Promise<void>;
}

export type RoleName = 'reporter' | 'worker' | 'webhooks' | 'inbox';

const STARTS: Readonly<Record<RoleName, (config: RoleConfig) => Promise<Running>>> = {
  reporter: async (config) => (await import('./serve-reporter.ts')).startReporter(config),
  worker: async (config) => (await import('./serve-worker.ts')).startWorker(config),
  webhooks: async (config) => (await import('./serve-webhooks.ts')).startWebhooks(config),
  inbox: async (config) => (await import('./serve-inbox.ts')).startInbox(config),
};

const tell = (message: FromRole): void =>
  void process.send?.(message, undefined, undefined, () => {});

async function start(name: RoleName, config: RoleConfig): Promise<Running | null> {
  try {
    const running = await STARTS[name](config);
    tell({ kind: 'ready' });
    return running;
  } catch (thrown) {
    const { code, message, hint } = asAppError(thrown);
    tell({ kind: 'failed', code, message, hint });
    return null;
  }
}

/** Chosen: beyond the granted time. */
const LAST_WORDS_MS = 300;

function playRole(name: RoleName): void {
  // The parent says when to stop; Ctrl-C reaches the whole group.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(1));
  let running: Promise<Running | null> = Promise.resolve(null);
  process.on('message', (message: ToRole) => {
    if (message.kind === 'start') {
      running = start(name, message.config);
      return;
    }
    setTimeout(() => process.exit(0), message.withinMs + LAST_WORDS_MS);
    void running.then((role) => role?.close(message.withinMs)).finally(() => process.exit(0));
  });
}

/** `deadair role NAME`, for processes that deadair itself starts. */
export async function runRole(name: string): Promise<void> {
  if (name === 'filter') return (await import('./filter-check.ts')).filterRole();
  if (name === 'analysis') return (await import('./analysis-process.ts')).analysisRole();
  if (Object.hasOwn(STARTS, name)) playRole(name as RoleName);
}
