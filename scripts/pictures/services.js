/** What the pictures are taken of: real `serve` processes with captures of the lab, and reports in one file. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const capture = (scenario, side) =>
  join(root, 'test', 'captures', 'lab', scenario, `${side}.pcap`);

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, look) {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(100)) {
    const found = await look().catch(() => null);
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export const folder = () => mkdtempSync(join(tmpdir(), 'deadair-pictures-'));

/** A service of its own; `data` may have been filled before, and is gone with it. */
export async function serving({ data = folder(), flags = [], env = {}, headers = {} } = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const listen = ['--listen', `127.0.0.1:${port}`, '--data', data, '--jobs', '1'];
  const child = spawn(process.execPath, ['bin/deadair', 'serve', ...listen, ...flags], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const gone = new Promise((done) => child.once('exit', done));
  const json = async (path) => (await fetch(url + path, { headers })).json();
  async function stop() {
    child.kill('SIGTERM');
    await gone;
    rmSync(data, { recursive: true, force: true });
  }
  async function job(scenario, shortest, side = 'inside') {
    const at = `${url}/api/v1/captures?shortest=${shortest}&name=${scenario}.pcap`;
    const type = { 'content-type': 'application/octet-stream' };
    const body = readFileSync(capture(scenario, side));
    const answer = await fetch(at, { method: 'POST', body, headers: { ...headers, ...type } });
    const { id } = await answer.json();
    await until(scenario, async () => (await json(`/api/v1/jobs/${id}`)).state === 'completed');
    return id;
  }
  await until('serve', async () => (await fetch(`${url}/readyz`)).ok);
  return { port, url, json, job, stop };
}

export function oneFile(into, name, args) {
  const file = join(into, `${name}.html`);
  const command = ['bin/deadair', 'read', '--quiet', '--html', file, ...args];
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} could not be made`);
  return pathToFileURL(file).href;
}

/** A data directory with so many findings: one of the lab, with other clients and times. */
export async function filled(findings) {
  const { accept } = await import('../../dist/src/report/intake/accept.js');
  const { openDatabase } = await import('../../dist/src/report/store/database.js');
  const said = execFileSync('bin/deadair', ['read', '--json', capture('dnat-90', 'inside')], {
    cwd: root,
  });
  const report = JSON.parse(said);
  const data = folder();
  const db = openDatabase(data);
  for (let from = 0; from < findings; from += 1000) {
    const batch = Array.from({ length: 1000 }, (_, i) => varied(report.findings, from + i));
    const who = { kind: 'agent', agent: 'pictures', host: 'pictures' };
    const whole = { v: 1, id: `b_${from}`, from: who, sentAt: '2026-03-01T00:00:00Z' };
    const paths = from === 0 ? report.paths : [];
    accept(db, { ...whole, findings: batch, paths, evidence: [] }, Date.now());
  }
  db.close();
  return data;
}

function varied(samples, i) {
  const base = samples[i % samples.length];
  const at = new Date(Date.UTC(2026, 2, 1) + i * 1000).toISOString();
  const originator = { address: `10.3.${(i >> 8) & 255}.${i & 255}`, port: 20_000 + (i % 40_000) };
  return {
    ...base,
    id: `f_${i.toString(16).padStart(16, '0')}`,
    flow: { ...base.flow, sequence: `s_${i}`, originator },
    silence: { ...base.silence, endedAt: at },
    ending: { ...base.ending, at },
  };
}
