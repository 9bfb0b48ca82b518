// What a connection knows of its path and its windows is there again at once, not only after traffic.
import { decodeImage, encodeImage } from '@criu/images';
import { SOL_TCP, TCP_INFO, TCP_MAXSEG, TCP_WINDOW_CLAMP } from '@criu/native/uapi';
import { describe, expect, it } from 'vitest';
import { enterOwnNetwork, likeEthernet } from '../../../native/test/own-network.js';
import { fromImages, toImages } from '../src/image.js';
import { freeze, look, restore } from '../src/index.js';
import { getInt, getOption } from '../src/kernel.js';
import { close, type Flavour, isRoot, needsRoot, pair, recvAll, send } from './tools.js';

enterOwnNetwork();
likeEthernet();

/** What struct tcp_info tells of segments and windows, in bytes. */
function pathOf(fd: number) {
  const info = Buffer.alloc(104);
  getOption(fd, SOL_TCP, TCP_INFO, info, 'TCP_INFO');
  const { negotiated, sendMss } = look(fd);
  return {
    ...negotiated,
    sendMss,
    pathMtu: info.readUInt32LE(60),
    maxSegment: getInt(fd, SOL_TCP, TCP_MAXSEG, 'TCP_MAXSEG'),
    windowClamp: getInt(fd, SOL_TCP, TCP_WINDOW_CLAMP, 'TCP_WINDOW_CLAMP'),
  };
}

const opened = (fd: number) => {
  const info = Buffer.alloc(104);
  getOption(fd, SOL_TCP, TCP_INFO, info, 'TCP_INFO');
  return info.readUInt32LE(64); // tcpi_rcv_ssthresh
};

describe.skipIf(!isRoot)(`the path of a connection${needsRoot}`, () => {
  it.each<[Flavour, number]>([
    ['4', 1448],
    ['6', 1428],
    ['mapped', 1448],
  ])('IPv%s: segments of %d bytes, path MTU and windows are as they were', async (flavour, mss) => {
    const p = pair(flavour);
    for (let i = 0; i < 10; i++) {
      send(p.peer, Buffer.alloc(20_000));
      await recvAll(p.fd, 20_000);
    }
    const [before, window] = [pathOf(p.fd), opened(p.fd)];
    expect(before.sendMss).toBe(mss);
    const frozen = await freeze(p.fd);
    await frozen.discard();
    close(p.fd);
    const { socket, stream } = toImages(frozen.state, { id: 1, ino: 2 });
    const [item] = decodeImage('TCP_STREAM', encodeImage('TCP_STREAM', [stream]));
    const fd = await restore(fromImages(socket, item!));
    expect(pathOf(fd)).toEqual(before);
    expect(opened(fd)).toBeGreaterThanOrEqual(Math.min(window, before.windowClamp) >> 1);
    send(fd, Buffer.alloc(5000));
    await recvAll(p.peer, 5000);
    expect(look(fd).sendMss).toBe(mss);
    close(fd, p.peer);
  });
});
