/** V8's flag for what runs once holds while it runs: a code cache fits before and after, and not meanwhile. */
import { execFileSync } from 'node:child_process';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { inOnePass, USUAL } from '../src/dispatch/one-pass.ts';

/** A text of its own for each question: what this process has compiled it does not ask a cache for. */
const sourceOf = (question: string): string => `(function () { return '${question}'; })`;

/** Made by another process under V8's defaults. */
const cacheOf = (question: string): Buffer =>
  execFileSync(process.execPath, [
    '-e',
    `const { Script } = require('node:vm');
     process.stdout.write(new Script(${JSON.stringify(sourceOf(question))}).createCachedData());`,
  ]);

const fits = (question: string): boolean =>
  new Script(sourceOf(question), { cachedData: cacheOf(question) }).cachedDataRejected === false;

test("the flag is set while the work runs, and is V8's default again behind it", async () => {
  expect(fits('before')).toBe(true);
  expect(await inOnePass(() => fits('meanwhile'))).toBe(false);
  expect(fits('afterwards')).toBe(true);
});

test('… also where it throws', async () => {
  const failing = inOnePass(() => {
    throw new Error('no more');
  });
  await expect(failing).rejects.toThrow('no more');
  expect(fits('after a failure')).toBe(true);
});

test('what is put back is what this Node has by default', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  const [, told] = /\sdefault: --interrupt-budget=(\S+)/.exec(options) ?? [];
  expect(told).toBe(String(USUAL));
});
