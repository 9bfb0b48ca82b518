// What a kernel may answer that a test cannot make it answer: the other end of the socket is the test.
import { close, sys } from '@criu/native';
import {
  encodeAttributes,
  encodeMessage,
  NetlinkError,
  NetlinkFormatError,
  NetlinkSocket,
  text,
  u32,
} from '@criu/native/netlink';
import {
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '@criu/native/uapi';
import { afterEach, beforeEach, expect, it } from 'vitest';

const [AF_UNIX, SOCK_DGRAM] = [1, 2];
const ITEM = 16;

let socket: NetlinkSocket;
let kernel: number;

beforeEach(() => {
  const pair = new Int32Array(2);
  sys('socketpair', AF_UNIX, SOCK_DGRAM, 0, pair);
  const [ours = -1, theirs = -1] = pair;
  socket = NetlinkSocket.adopt(ours, 50);
  kernel = theirs;
});
afterEach(() => {
  socket.close();
  close(kernel);
});

/** Has an answer ready: messages of one datagram, for the request of a number. */
function answer(...messages: { type: number; seq: number; flags?: number; body?: Uint8Array }[]): void {
  const datagram = Buffer.concat(
    messages.map(({ type, seq, flags = NLM_F_MULTI, body = Buffer.alloc(4) }) =>
      encodeMessage({ type, flags, body }, seq),
    ),
  );
  sys('sendto', kernel, datagram, datagram.length, 0, null, 0);
}

const list = () => socket.dump({ type: 18, flags: 0, body: Buffer.alloc(16) }, 'list things');
const item = (seq: number, name: string, flags?: number) => ({
  type: ITEM,
  seq,
  body: Buffer.from(name),
  ...(flags === undefined ? {} : { flags }),
});

it('a list comes in several datagrams', () => {
  answer(item(1, 'one'), item(1, 'two'));
  answer(item(1, 'three'));
  answer({ type: NLMSG_DONE, seq: 1 });
  expect(list().map(({ body }) => `${body}`)).toEqual(['one', 'two', 'three']);
});

it('a list that changed while it was read is asked for again', () => {
  answer(item(1, 'old'));
  answer(item(1, 'torn', NLM_F_MULTI | NLM_F_DUMP_INTR), { type: NLMSG_DONE, seq: 1 });
  answer(item(2, 'new'), { type: NLMSG_DONE, seq: 2 });
  expect(list().map(({ body }) => `${body}`)).toEqual(['new']);
});

it('the end of a list says that it changed, too', () => {
  answer(item(1, 'old'), { type: NLMSG_DONE, seq: 1, flags: NLM_F_MULTI | NLM_F_DUMP_INTR });
  answer(item(2, 'new'), { type: NLMSG_DONE, seq: 2 });
  expect(list().map(({ body }) => `${body}`)).toEqual(['new']);
});

it('a list that never holds still is an error', () => {
  const flags = NLM_F_MULTI | NLM_F_DUMP_INTR;
  for (let seq = 1; seq <= 16; seq++) answer({ type: NLMSG_DONE, seq, flags });
  expect(list).toThrow(/^list things: EAGAIN \(it changed each time/);
});

it('a list that ends with an error has none of its items', () => {
  const error = Buffer.concat([
    Buffer.from([0xea, 0xff, 0xff, 0xff]),
    encodeAttributes([[1, text('no such thing')]]),
  ]);
  answer(item(1, 'one'));
  answer({ type: NLMSG_DONE, seq: 1, flags: NLM_F_MULTI | NLM_F_ACK_TLVS, body: error });
  expect(list).toThrow(/^list things: EINVAL \(no such thing\)$/);
  // And what was left of it is not taken for the next answer.
  answer(item(1, 'late'), item(2, 'two'), { type: NLMSG_DONE, seq: 2 });
  expect(list().map(({ body }) => `${body}`)).toEqual(['two']);
});

it('a kernel that does not answer is an error after some time', () => {
  expect(list).toThrow(/^list things: ETIMEDOUT \(the kernel does not answer\)$/);
});

it('an answer that is no netlink is an error', () => {
  sys('sendto', kernel, Buffer.from('nonsense'), 8, 0, null, 0);
  expect(list).toThrow(NetlinkFormatError);
});

it('several messages are answered for by the last that asks for it', () => {
  const message = (type: number, flags = 0) => ({ type, flags, body: Buffer.from(u32(type)) });
  answer({ type: NLMSG_ERROR, seq: 2, flags: 0, body: Buffer.alloc(20) });
  expect(socket.transact([message(1), message(2, NLM_F_ACK), message(3)], 'change things')).toEqual([]);
  const refused = Buffer.alloc(20);
  refused.writeInt32LE(-17);
  answer(
    { type: NLMSG_ERROR, seq: 4, flags: 0, body: refused },
    { type: NLMSG_ERROR, seq: 5, flags: 0, body: Buffer.alloc(20) },
  );
  const second = () => socket.transact([message(1), message(2, NLM_F_ACK)], 'change things');
  expect(second).toThrow(NetlinkError);
  expect(() => socket.transact([message(1)], 'change things')).toThrow(RangeError);
});
