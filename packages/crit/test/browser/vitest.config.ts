import { defineConfig } from 'vitest/config';

// Run by `npm run test:report`.
export default defineConfig({
  resolve: { conditions: ['@criu/source'] },
  ssr: { resolve: { conditions: ['@criu/source'] } },
  test: {
    include: ['packages/crit/test/browser/*.browser.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
