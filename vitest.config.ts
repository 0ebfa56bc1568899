import { defineConfig } from 'vitest/config';

const long = process.env['DEADAIR_LONG'] === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: long ? 1_200_000 : 60_000,
    hookTimeout: 60_000,
  },
});
