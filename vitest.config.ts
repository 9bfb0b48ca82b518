import { defineConfig } from 'vitest/config';

// Tests import the packages' sources, not their builds. System tests share kernel state (pids, ports,
// ptrace), so files run one after the other.
export default defineConfig({
  resolve: { conditions: ['@criu/source'] },
  ssr: { resolve: { conditions: ['@criu/source'] } },
  test: {
    include: [
      'native/test/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'packages/*/src/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});
