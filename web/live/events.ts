/** What happens, while it happens: handed to whoever listens in this tab. */
import { useEffect } from 'preact/hooks';
import type { Happened } from '../api/shapes.ts';
import { told } from '../base/told.ts';

export type Connection = 'connecting' | 'open' | 'away';

type Listener = (happened: Happened) => void;

const listeners = new Set<Listener>();
const connection = told<Connection>('connecting');
let port: MessagePort | null = null;

interface Message {
  readonly state?: Connection;
  readonly event?: string;
}

function take({ data }: MessageEvent<Message>): void {
  if (data.state !== undefined) connection.tell(data.state);
  if (data.event === undefined) return;
  const happened = JSON.parse(data.event) as Happened;
  for (const listen of listeners) listen(happened);
}

/** Chosen: how long after a worker that could not be fetched the next try comes, ms. */
const AGAIN_MS = 10_000;

/** Once a tab; what cannot share (an old browser) stays without live events and says so. */
export function connect(): void {
  if (port !== null) return;
  if (typeof SharedWorker === 'undefined') return connection.tell('away');
  const worker = new SharedWorker(new URL('./shared.ts', import.meta.url), {
    type: 'module',
    name: 'deadair events',
  });
  worker.addEventListener('error', () => {
    port = null;
    connection.tell('away');
    setTimeout(connect, AGAIN_MS);
  });
  port = worker.port;
  port.addEventListener('message', take);
  port.start();
}

window.addEventListener('pagehide', () => port?.postMessage('bye'));

export function useEvents(listen: Listener): void {
  useEffect(() => {
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, [listen]);
}

export const useConnection = connection.use;
