// docs/cli.md and docs/rpc.md say what the tables say.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referenceText } from '../../src/cli/reference.js';
import { rpcReferenceText } from '../../src/rpc/reference.js';

test.each([
  ['cli.md', referenceText],
  ['rpc.md', rpcReferenceText],
])('docs/%s is up to date (npm run docs)', (name, text) => {
  const file = new URL(`../../../../docs/${name}`, import.meta.url);
  expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(text());
});
