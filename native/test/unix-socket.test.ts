// Messages with a descriptor beside them. Runs without privileges.
import { fstatSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { addon, close, peerOf, receiveWithFd, sendWithFd, socketpair, sys, sysRaw } from '@criu/native';
import {
  EAGAIN,
  F_GETFD,
  FD_CLOEXEC,
  MSG_DONTWAIT,
  O_NONBLOCK,
  SHUT_RDWR,
  SOCK_SEQPACKET,
} from '@criu/native/uapi';
import { afterEach, beforeEach, expect, test } from 'vitest';

let ours: number;
let theirs: number;
beforeEach(() => {
  [ours, theirs] = socketpair(SOCK_SEQPACKET);
});
afterEach(() => {
  for (const fd of [ours, theirs]) close(fd);
});

function received(size = 64) {
  const message = receiveWithFd(theirs, size, MSG_DONTWAIT);
  if (typeof message === 'number') throw new Error(`nothing has come: ${message}`);
  return message;
}

test('bytes come alone, or with a descriptor that is closed on exec', () => {
  expect(receiveWithFd(theirs, 64, MSG_DONTWAIT)).toBe(-EAGAIN);
  expect(sendWithFd(ours, Buffer.from('alone'), undefined)).toBe(5);
  expect(received()).toEqual({ bytes: Buffer.from('alone'), fd: undefined });

  const zero = openSync('/dev/zero', 'r');
  expect(sendWithFd(ours, Buffer.from('with'), zero)).toBe(4);
  const { bytes, fd = -1 } = received();
  expect(bytes.toString()).toBe('with');
  expect(fd).not.toBe(zero);
  expect(fstatSync(fd).rdev).toBe(fstatSync(zero).rdev);
  expect(sysRaw('fcntl', fd, F_GETFD, 0)).toBe(FD_CLOEXEC);
  for (const open of [zero, fd]) close(open);
});

test('of several descriptors one is taken in, and none of the others', () => {
  const zero = openSync('/dev/zero', 'r');
  const pipe = new Int32Array(2);
  sys('pipe2', pipe, O_NONBLOCK);
  const [out = -1, into = -1] = pipe;
  addon().channelSend(ours, Buffer.from('two'), [zero, into]);
  close(into);
  const { fd = -1 } = received();
  expect(fstatSync(fd).rdev).toBe(fstatSync(zero).rdev);
  // The end of the pipe: nobody has its other end any more.
  expect(sysRaw('read', out, Buffer.alloc(1), 1)).toBe(0);
  for (const open of [zero, out, fd]) close(open);
});

test('what has no room is left out, and an end that is gone is no bytes', () => {
  sendWithFd(ours, Buffer.from('longer than that'), undefined);
  expect(received(6).bytes.toString()).toBe('longer');
  sys('shutdown', ours, SHUT_RDWR);
  expect(sendWithFd(ours, Buffer.from('x'), undefined)).toBe(-constants.errno.EPIPE);
  expect(received().bytes).toHaveLength(0);
});

test('the other end is who has made the pair', () => {
  expect(peerOf(ours)).toEqual({ pid: process.pid, uid: process.geteuid?.(), gid: process.getegid?.() });
});
