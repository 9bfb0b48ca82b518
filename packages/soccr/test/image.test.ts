// A saved connection becomes CRIU's images and comes back, and images that CRIU wrote become a saved connection.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage, encodeImage, type InetSkEntry } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../native/test/own-network.js';
import { fromImages, tcpStreamFile, toImages } from '../src/image.js';
import { freeze, restore } from '../src/index.js';
import type { TcpState } from '../src/state.js';
import { close, isRoot, needsRoot, pair, recvAll, send } from './tools.js';

enterOwnNetwork();

const corpus = fileURLToPath(
  new URL('../../../../shared/corpus/criu-4.2/socket-tcp4v6-closing', import.meta.url),
);

const state: TcpState = {
  version: 1,
  state: 'close-wait',
  family: 6,
  local: { address: '2001:db8::1', port: 443 },
  remote: { address: '::ffff:192.0.2.7', port: 50_000 },
  receive: { seq: 4_294_967_295, data: Buffer.from('unread') },
  send: { seq: 17, data: Buffer.from('sent and unsent'), unsent: 6, finSent: true },
  mss: 1460,
  negotiated: { sack: true, timestamps: true, windowScale: { send: 7, receive: 10 }, mask: 7 },
  timestamp: 3_000_000_000,
  window: { sndWl1: 1, sndWnd: 2, maxWindow: 3, rcvWnd: 4, rcvWup: 5 },
  readShutdown: true,
  reset: false,
  options: {
    keepAlive: true,
    keepIdle: 7,
    linger: 3,
    noDelay: true,
    bufferLock: 2,
    v6only: false,
    nonBlocking: true,
  },
};

describe('images of a connection', () => {
  it('come back as they were, also through their bytes', () => {
    const { socket, stream } = toImages(state, { id: 1, ino: 0x1234 });
    const bytes = encodeImage('TCP_STREAM', [stream]);
    const [item] = decodeImage('TCP_STREAM', bytes);
    const back = fromImages(socket, item!);
    expect(back).toMatchObject({ ...state, receive: { seq: 4_294_967_295 }, send: { seq: 17, unsent: 6 } });
    expect(`${Buffer.from(back.receive.data)}|${Buffer.from(back.send.data)}`).toBe('unread|sent and unsent');
    expect(toImages(back, { id: 1, ino: 0x1234 })).toEqual({
      socket,
      stream: { ...stream, entry: item!.entry },
    });
    expect(tcpStreamFile(0x1234)).toBe('tcp-stream-1234.img');
  });

  it('with queues of the wrong length are refused', () => {
    const { socket, stream } = toImages(state, { id: 1, ino: 0x1234 });
    expect(() => fromImages(socket, { ...stream, payload: stream.payload.subarray(1) })).toThrow(
      'tcp-stream-1234.img: the queues have 20 bytes, not 6 + 15',
    );
    expect(() => fromImages({ ...socket, proto: 17 }, stream)).toThrow('not a TCP connection');
    expect(() => fromImages({ ...socket, src_addr: [1] }, stream)).toThrow('src_addr has 1 words');
  });

  it.skipIf(!existsSync(corpus))(
    `written by CRIU 4.2 are understood (skipped without ${corpus.replace(/.*shared/, 'shared')})`,
    () => {
      const files = decodeImage('FILES', readFileSync(join(corpus, 'files.img')));
      const sockets = files
        .map(({ entry }) => (entry as { isk?: InetSkEntry }).isk)
        .filter(
          (isk): isk is InetSkEntry => isk?.proto === 6 && existsSync(join(corpus, tcpStreamFile(isk.ino))),
        );
      expect(sockets).toHaveLength(2);
      const states = sockets.map((socket) => {
        const [stream] = decodeImage('TCP_STREAM', readFileSync(join(corpus, tcpStreamFile(socket.ino))));
        const one = fromImages(socket, stream!);
        const again = toImages(one, { id: socket.id, ino: socket.ino });
        expect(again.stream.entry).toEqual(stream!.entry);
        expect(again.socket.src_addr).toEqual(socket.src_addr);
        expect(again.socket.opts).toEqual(socket.opts);
        return one;
      });
      expect(states.map((one) => one.local.address)).toEqual(['::ffff:127.0.0.1', '127.0.0.1']);
      expect(states.map((one) => one.state).sort()).toEqual(['established', 'established']);
    },
  );

  it.skipIf(!isRoot)(`carry a live connection${needsRoot}`, async () => {
    const p = pair('mapped');
    send(p.peer, 'unread');
    const frozen = await freeze(p.fd);
    await frozen.discard();
    close(p.fd);
    const { socket, stream } = toImages(frozen.state, { id: 1, ino: 2 });
    const [item] = decodeImage('TCP_STREAM', encodeImage('TCP_STREAM', [stream]));
    const fd = await restore(fromImages(socket, item!));
    expect(`${await recvAll(fd, 6)}`).toBe('unread');
    send(fd, 'back');
    expect(`${await recvAll(p.peer, 4)}`).toBe('back');
    close(fd, p.peer);
  });
});
