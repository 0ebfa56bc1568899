/**
 * The native code under AddressSanitizer and UndefinedBehaviorSanitizer, over damage and over the lab: reader, decoder
 * and tracker as plain C++, and the addon as node loads it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../src/base/root.ts';
import { goodFiles } from './kit/good-files.ts';
import { labFile } from './kit/lab.ts';
import { inProcess } from './kit/native-process.ts';
import { buildSanitized, corpus, type Sanitized } from './kit/sanitized.ts';
import { haveShared, indexed } from './kit/shared.ts';
import { withFolder } from './kit/temporary.ts';

const LONG = process.env['DEADAIR_LONG'] === '1';
const MUTATIONS = LONG ? 20_000 : 2_000;
const PATIENCE_MS = LONG ? 1_200_000 : 180_000;

let sanitized: Sanitized;
beforeAll(async () => {
  sanitized = await buildSanitized();
}, 600_000);

test(
  `${MUTATIONS} mutations through reader, decoder and tracker`,
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'corpus');
      corpus(path, goodFiles(folder), MUTATIONS);
      expect(await sanitized.fuzz([path])).toContain(`${MUTATIONS} inputs`);
    });
  },
  PATIENCE_MS,
);

test.skipIf(!haveShared)(
  'captures that upset others, through reader, decoder and tracker (needs ../shared)',
  async () => {
    const files = indexed('malformed').map(({ path }) => path);
    expect(await sanitized.fuzz(['--files', ...files])).toContain(`${files.length} inputs`);
  },
  PATIENCE_MS,
);

test(
  'every capture of the lab through the addon',
  async () => {
    const lab = join(packageRoot(), 'test', 'captures', 'lab');
    const names = readdirSync(lab, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => /pcap(ng)?$/.test(name)).map((name) => join(lab, name));
    expect(files.length).toBeGreaterThan(60);
    const { addon, env } = sanitized;
    const { outcomes } = await inProcess({ files }, { addon, env, timeoutMs: PATIENCE_MS });
    expect(outcomes.filter(({ complete, addsUp }) => !complete || !addsUp)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'three hundred damaged ones through the addon',
  async () => {
    const mutate = ['inside.pcap', 'gateway.pcapng'].map((file) => labFile('reject', file));
    const { addon, env } = sanitized;
    const running = { addon, env, timeoutMs: PATIENCE_MS };
    const { outcomes } = await inProcess({ mutate, from: 0, until: 300 }, running);
    expect(outcomes).toHaveLength(300);
  },
  PATIENCE_MS,
);
