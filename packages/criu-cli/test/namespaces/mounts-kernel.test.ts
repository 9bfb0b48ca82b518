// Kernels that cannot restore mounts.
import { EBADF, EINVAL, ENOSYS } from '@criu/native/uapi';
import { expect, it } from 'vitest';
import { needsSetGroup } from '../../src/resources/namespaces/mnt/kernel.js';

it.each([
  ['before 5.15', EINVAL],
  ['before 5.2', ENOSYS],
])('those %s are told that they are too old', (_what, errno) => {
  expect(() => needsSetGroup(-errno)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', remedy: expect.stringContaining('5.15') }),
  );
});

it('those that know the flag, and not the descriptors, are taken', () => {
  expect(() => needsSetGroup(-EBADF)).not.toThrow();
  expect(() => needsSetGroup()).not.toThrow();
});
