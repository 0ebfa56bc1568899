/** V8's flags for what runs once hold for one turn: a code cache fits before and after, and not meanwhile. */
import { execFileSync } from 'node:child_process';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { expectOnePass } from '../src/dispatch/one-pass.ts';

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

const nextTurn = (): Promise<void> => new Promise((turned) => void setImmediate(turned));

test("flags are set until the turn is over, and are V8's defaults again behind it", async () => {
  expect(fits('before')).toBe(true);
  await expectOnePass();
  expect(fits('meanwhile')).toBe(false);
  await nextTurn();
  expect(fits('afterwards')).toBe(true);
});
