/**
 * Two real network namespaces with a cable between them, a server in one and a client in the
 * other. They belong to the processes in them and are gone with them.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** Why there can be no namespaces here, or null. */
export function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'making network namespaces needs root';
  return spawnSync('unshare', ['-n', 'nft', 'add table ip t']).status === 0
    ? null
    : 'this machine makes no network namespaces, or has no nft';
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (status) => reject(new Error(`the process ended with ${status}`)));
  });
}

/** A process in a namespace of its own, that waits for a line on stdin before it runs `script`. */
async function inNamespace(settings: string, script: string): Promise<ChildProcess> {
  const shell = `${settings}; echo there; read go; exec "$0" -e "$1"`;
  const child = spawn('unshare', ['-n', 'sh', '-c', shell, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await ready(child);
  return child;
}

const inside = (child: ChildProcess, ...command: readonly string[]): void => {
  execFileSync('nsenter', ['-t', String(child.pid), '-n', ...command]);
};

const go = async (child: ChildProcess): Promise<void> => {
  const said = ready(child);
  child.stdin?.write('\n');
  await said;
};

const SERVER = `require('net').createServer(() => {}).listen(27017, '10.77.0.1', () => console.log('up'))`;

/** Three connections: without keepalive, with the namespace's own time, and with 60 s. */
const CLIENT = `
  const net = require('net');
  const open = (use) => new Promise((up) => {
    const socket = net.connect(27017, '10.77.0.1', () => { use(socket); up(); });
  });
  Promise.all([
    open(() => {}),
    open((socket) => socket.setKeepAlive(true)),
    open((socket) => socket.setKeepAlive(true, 60000)),
  ]).then(() => console.log('up'));
  setInterval(() => {}, 1000);`;

export interface Pair {
  readonly server: number;
  readonly client: number;
}

const sysctl = (name: string, value: number): string => `echo ${value} > /proc/sys/net/${name}`;

/**
 * The client's namespace has the keepalive time of 7100 s, the server's one of 100 s and forgets
 * after 900 s.
 */
export async function pairOfNamespaces(): Promise<Pair> {
  const server = await inNamespace(
    [
      sysctl('ipv4/tcp_keepalive_time', 100),
      sysctl('netfilter/nf_conntrack_tcp_timeout_established', 900),
    ].join('; '),
    SERVER,
  );
  const client = await inNamespace(sysctl('ipv4/tcp_keepalive_time', 7100), CLIENT);
  const [to, from] = [String(server.pid), String(client.pid)];
  execFileSync('ip', [
    'link',
    'add',
    'c0',
    'netns',
    from,
    'type',
    'veth',
    'peer',
    's0',
    'netns',
    to,
  ]);
  for (const [child, card, address] of [
    [server, 's0', '10.77.0.1/24'],
    [client, 'c0', '10.77.0.2/24'],
  ] as const) {
    inside(child, 'ip', 'address', 'add', address, 'dev', card);
    inside(child, 'ip', 'link', 'set', card, 'up');
  }
  const track =
    'add table ip t; add chain ip t c { type filter hook input priority 0; }; add rule ip t c ct state new accept';
  inside(server, 'nft', track);
  await go(server);
  await go(client);
  return { server: server.pid ?? 0, client: client.pid ?? 0 };
}
