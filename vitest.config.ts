import { defineConfig } from 'vitest/config';

const long = process.env['DEADAIR_LONG'] === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    setupFiles: ['test/kit/seeds.ts'],
    testTimeout: long ? 1_200_000 : 60_000,
    hookTimeout: 60_000,
  },
});
