/** Where stdout leads: a report arrives whole in a file, in a pipe, and in a pipe that is full when it comes. */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  createReadStream,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { labFile } from './kit/lab.ts';
import { withFolder } from './kit/temporary.ts';

const COMMAND = join(packageRoot(), 'bin', 'deadair');
const WORDS = ['read', '--json', '--quiet', '--shortest', '1s', labFile('reject', 'inside.pcap')];

/** A fifo that is full but for `room` bytes, held open at both ends. */
function fullFifo(path: string, room: number): { readonly fd: number; readonly held: number } {
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  let held = 0;
  try {
    for (;;) held += writeSync(fd, Buffer.alloc(4096, 'x'));
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'EAGAIN' });
  }
  return { fd, held: room === 0 ? held : held - readSync(fd, Buffer.alloc(room)) };
}

async function textOf(fd: number): Promise<string> {
  let text = '';
  for await (const chunk of createReadStream('', { fd, encoding: 'utf8' })) text += String(chunk);
  return text;
}

const statusOf = (child: ReturnType<typeof spawn>): Promise<unknown> =>
  new Promise((resolve) => child.on('close', resolve));

const whole = execFileSync(COMMAND, WORDS, { encoding: 'utf8' });

test('in a file, behind what stands there', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'out');
    writeFileSync(file, 'before\n');
    const fd = openSync(file, 'a');
    expect(await statusOf(spawn(COMMAND, WORDS, { stdio: ['ignore', fd, 'inherit'] }))).toBe(0);
    closeSync(fd);
    expect(readFileSync(file, 'utf8')).toBe(`before\n${whole}`);
  }));

test('in a pipe of the shell', () => {
  const words = [COMMAND, ...WORDS].map((word) => `'${word}'`).join(' ');
  expect(execFileSync('bash', ['-c', `${words} | cat`], { encoding: 'utf8' })).toBe(whole);
});

test.each([0, 4096])('in a pipe that has room for %i bytes and is read later', (room) =>
  withFolder(async (folder) => {
    const path = join(folder, 'pipe');
    const { fd, held } = fullFifo(path, room);
    const [reader, writer] = [openSync(path, 'r'), openSync(path, 'w')];
    const child = spawn(COMMAND, WORDS, { stdio: ['ignore', writer, 'inherit'] });
    const status = statusOf(child);
    closeSync(writer);
    closeSync(fd);
    const text = await textOf(reader);
    expect(await status).toBe(0);
    expect(text.slice(held)).toBe(whole);
  }),
);
