// docs/cli.md says what the tables say.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referenceText } from '../../src/cli/reference.js';

const file = new URL('../../../../docs/cli.md', import.meta.url);

test('the command reference is up to date (npm run docs)', () => {
  expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(referenceText());
});
