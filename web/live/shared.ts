/**
 * The one connection for live events that a browser has, whatever the number of tabs: a browser
 * allows six connections to a host under HTTP/1.1, and seven tabs would stop each other.
 *
 * A SharedWorker, because Web Locks (to elect a leader among tabs) want a secure context, and a
 * service on plain HTTP in one's own network has none.
 */
const EVENTS = [
  'finding.created',
  'finding.updated',
  'path.estimated',
  'path.changed',
  'job.completed',
  'job.failed',
  'agent.silent',
  'agent.back',
];

const ports = new Set<MessagePort>();
let source: EventSource | null = null;
let state = 'connecting';

function tell(message: unknown): void {
  for (const port of ports) port.postMessage(message);
}

function setState(now: string): void {
  state = now;
  tell({ state });
}

/** Chosen: a session that ran out is tried again at this pace, ms. */
const AGAIN_MS = 10_000;

function open(): void {
  source = new EventSource('/api/v1/events');
  source.addEventListener('open', () => setState('open'));
  source.addEventListener('error', () => {
    setState('away');
    // The browser itself tries again, but for answers that are no stream (401).
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(() => (ports.size > 0 && source === null ? open() : undefined), AGAIN_MS);
  });
  for (const type of EVENTS) {
    source.addEventListener(type, (event) => tell({ event: (event as MessageEvent<string>).data }));
  }
}

function close(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  source?.close();
  source = null;
}

globalThis.addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  ports.add(port);
  port.addEventListener('message', ({ data }: MessageEvent<string>) => {
    if (data === 'bye') close(port);
  });
  port.start();
  if (source === null) open();
  port.postMessage({ state });
});
