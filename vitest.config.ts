import { defineConfig } from 'vitest/config';

const long = process.env['DEADAIR_LONG'] === '1';

/** Tests that measure what happens within seconds of each other on a whole machine: one file after the other. */
const ALONE = [
  'test/**/*.live.test.ts',
  'test/lab.gateway.test.ts',
  'test/serve/**/*.test.ts',
  'test/queue/**/*.test.ts',
  'test/webhook/run.test.ts',
  'test/privileges.watch.test.ts',
  'test/web*.test.ts',
  'test/hostile/**/*.test.ts',
];
const EVERY = 'test/**/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/kit/seeds.ts'],
    testTimeout: long ? 1_200_000 : 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: [EVERY],
          exclude: ALONE,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'one by one',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
