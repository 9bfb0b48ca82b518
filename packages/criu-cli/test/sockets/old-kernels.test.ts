// What a socket is asked for that older kernels do not have.
import { SO_BUF_LOCK } from '@criu/native/uapi';
import { expect, test } from 'vitest';
import { FIELD_OPTIONS, optionFields } from '../../src/resources/files/sockets/options.js';

const AF_INET = 2;
const size = (name: number) => FIELD_OPTIONS.find(([one]) => one === name)?.[1] ?? 0;

test('before Linux 5.14 nothing is said about buffers that are locked, and the rest is kept', () => {
  const asked = (without?: number) =>
    optionFields((name) => Buffer.alloc(name === without ? 0 : size(name), 1), AF_INET, []);
  const { so_buf_lock, ...others } = asked();
  expect(so_buf_lock).toBe(0x01010101);
  expect(asked(SO_BUF_LOCK)).toEqual(others);
});
