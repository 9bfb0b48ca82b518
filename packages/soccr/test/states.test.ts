// Every state of a connection survives being saved and restored into another socket.
import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../native/test/own-network.js';
import { freeze, restore, type TcpState } from '../src/index.js';

import { NftLocker } from '../src/nft.js';
import {
  close,
  type Flavour,
  isRoot,
  lockedConnections,
  needsRoot,
  type Pair,
  pair,
  recv,
  recvAll,
  repairOf,
  send,
  shutdown,
  tcpState,
  until,
} from './tools.js';

enterOwnNetwork();

const [ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING] = [1, 4, 5, 7, 8, 9, 11];
const flavours: Flavour[] = ['4', '6', 'mapped'];

/** Moves the end under test into a fresh socket. */
async function move(p: Pair): Promise<TcpState> {
  const frozen = await freeze(p.fd);
  await frozen.discard();
  close(p.fd);
  p.fd = -1;
  p.fd = await restore(frozen.state);
  expect(repairOf(p.fd)).toBe(0);
  expect(lockedConnections()).toEqual([]);
  return frozen.state;
}

/** Holds packets of a connection as a broken network would, to keep an acknowledgement away. */
function block(p: Pair) {
  const locker = new NftLocker('soccr-test-block');
  const connection = {
    family: 4 as const,
    local: { address: '127.0.0.1', port: p.port },
    remote: { address: '127.0.0.1', port: clientPort(p) },
  };
  locker.lock([connection]);
  return { open: () => locker.clear(), [Symbol.dispose]: () => void locker.clear() };
}

import { SHUT_WR } from '@criu/native/uapi';
import { inspect } from '../src/save.js';

const clientPort = (p: Pair) => inspect(p.fd).remote.port;

describe.skipIf(!isRoot)(`states of a connection${needsRoot}`, () => {
  let open: Pair[] = [];
  const make = (flavour?: Flavour, prepare?: (fd: number) => void) => {
    const p = pair(flavour, prepare);
    open.push(p);
    return p;
  };
  afterEach(() => {
    for (const p of open) close(...[p.fd, p.peer].filter((fd) => fd >= 0));
    open = [];
    new NftLocker('soccr-test-block').clear();
  });

  describe.each(flavours)('IPv%s', (flavour) => {
    it('an established connection goes on in both directions', async () => {
      const p = make(flavour);
      send(p.fd, 'before ');
      const state = await move(p);
      expect(state.state).toBe('established');
      send(p.fd, 'after');
      expect(`${await recvAll(p.peer, 12)}`).toBe('before after');
      send(p.peer, 'back');
      expect(`${await recvAll(p.fd, 4)}`).toBe('back');
      expect(tcpState(p.fd)).toBe(ESTABLISHED);
    });

    it('unread data is still there to be read', async () => {
      const p = make(flavour);
      send(p.peer, 'unread data');
      await until(() => tcpState(p.fd) === ESTABLISHED, 'established');
      const state = await move(p);
      expect(`${Buffer.from(state.receive.data)}`).toBe('unread data');
      expect(`${await recvAll(p.fd, 11)}`).toBe('unread data');
    });

    it('the peer has ended its side: close-wait', async () => {
      const p = make(flavour);
      send(p.peer, 'last words');
      shutdown(p.peer, SHUT_WR);
      await until(() => tcpState(p.fd) === CLOSE_WAIT, 'close-wait');
      const state = await move(p);
      expect(state.state).toBe('close-wait');
      expect(tcpState(p.fd)).toBe(CLOSE_WAIT);
      expect(`${await recvAll(p.fd)}`).toBe('last words');
      send(p.fd, 'answer');
      shutdown(p.fd, SHUT_WR);
      expect(`${await recvAll(p.peer)}`).toBe('answer');
      await until(() => tcpState(p.fd) === CLOSE, 'closed in order');
    });

    it('we have ended our side: fin-wait-2', async () => {
      const p = make(flavour);
      send(p.fd, 'our last words');
      shutdown(p.fd, SHUT_WR);
      await until(() => tcpState(p.fd) === FIN_WAIT_2, 'fin-wait-2');
      const state = await move(p);
      expect(state.state).toBe('fin-wait-2');
      expect(tcpState(p.fd)).toBe(FIN_WAIT_2);
      expect(`${await recvAll(p.peer)}`).toBe('our last words');
      send(p.peer, 'more');
      shutdown(p.peer, SHUT_WR);
      expect(`${await recvAll(p.fd)}`).toBe('more');
      expect(() => send(p.fd, 'x')).toThrow('EPIPE');
    });

    it('both sides have ended: close, with data unread', async () => {
      const p = make(flavour);
      send(p.peer, 'rest');
      shutdown(p.fd, SHUT_WR);
      await until(() => tcpState(p.fd) === FIN_WAIT_2, 'fin-wait-2');
      shutdown(p.peer, SHUT_WR);
      await until(() => tcpState(p.fd) === CLOSE, 'close');
      const state = await move(p);
      expect(state).toMatchObject({ state: 'close', reset: false });
      expect(tcpState(p.fd)).toBe(CLOSE);
      expect(`${await recvAll(p.fd)}`).toBe('rest');
      expect(recv(p.fd)).toBe(null);
      expect(() => send(p.fd, 'x')).toThrow('EPIPE');
    });
  });

  it('a closed connection comes back when the rest of the world is quicker with its resets', async () => {
    // Our stack acknowledges at once what the restore says to it, to nobody: the answer is a reset.
    for (const route of ['127.0.0.0/8 dev lo src 127.0.0.1', '127.0.0.1 dev lo src 127.0.0.1'])
      execFileSync('ip', `route replace local ${route} table local quickack 1`.split(' '));
    for (let i = 0; i < 5; i++) {
      const p = pair();
      send(p.peer, 'rest');
      shutdown(p.fd, SHUT_WR);
      await until(() => tcpState(p.fd) === FIN_WAIT_2, 'fin-wait-2');
      close(p.peer);
      await until(() => tcpState(p.fd) === CLOSE, 'closed');
      const frozen = await freeze(p.fd, { lock: 'none' });
      await frozen.discard();
      close(p.fd);
      p.fd = await restore(frozen.state, { lock: 'none' });
      expect([frozen.state.state, tcpState(p.fd)]).toEqual(['close', CLOSE]);
      expect(`${await recvAll(p.fd)}`).toBe('rest');
      expect(recv(p.fd)).toBe(null);
      close(p.fd);
    }
  });

  it('our FIN is on its way, with data before it: fin-wait-1', async () => {
    const p = make();
    using net = block(p);
    send(p.fd, 'held up');
    shutdown(p.fd, SHUT_WR);
    expect(tcpState(p.fd)).toBe(FIN_WAIT_1);
    const state = await move(p);
    expect(state.state).toBe('fin-wait-1');
    expect(`${Buffer.from(state.send.data)}`).toBe('held up');
    expect(tcpState(p.fd)).toBe(FIN_WAIT_1);
    net.open();
    expect(`${await recvAll(p.peer)}`).toBe('held up');
    await until(() => tcpState(p.fd) === FIN_WAIT_2, 'fin-wait-2');
    send(p.peer, 'half-open');
    expect(`${await recvAll(p.fd, 9)}`).toBe('half-open');
  });

  it('both ended, ours is not acknowledged: last-ack', async () => {
    const p = make();
    shutdown(p.peer, SHUT_WR);
    await until(() => tcpState(p.fd) === CLOSE_WAIT, 'close-wait');
    using net = block(p);
    send(p.fd, 'tail');
    shutdown(p.fd, SHUT_WR);
    expect(tcpState(p.fd)).toBe(LAST_ACK);
    const state = await move(p);
    expect(state.state).toBe('last-ack');
    expect(tcpState(p.fd)).toBe(LAST_ACK);
    net.open();
    expect(`${await recvAll(p.peer)}`).toBe('tail');
    await until(() => tcpState(p.fd) === CLOSE, 'close');
  });

  it('both ended at the same time: closing', async () => {
    const p = make();
    const { inject } = await import('../src/inject.js');
    const { pause, resume } = await import('../src/repair.js');
    const { saveTcp } = await import('../src/save.js');
    using net = block(p);
    shutdown(p.fd, SHUT_WR);
    expect(tcpState(p.fd)).toBe(FIN_WAIT_1);
    // The peer's FIN, sent before it saw ours: the block lets only marked packets pass, so it is made by hand.
    const paused = pause(p.fd);
    const before = saveTcp(p.fd, paused);
    resume(p.fd, paused, true);
    shutdown(p.peer, SHUT_WR);
    inject(undefined, before, {
      seq: before.receive.seq,
      ack: before.send.seq - 1,
      flags: 0x11,
      window: 500,
    });
    await until(() => tcpState(p.fd) === CLOSING, 'closing');
    const state = await move(p);
    expect(state.state).toBe('closing');
    expect(tcpState(p.fd)).toBe(CLOSING);
    net.open();
    await until(() => tcpState(p.fd) === CLOSE && tcpState(p.peer) === CLOSE, 'both closed');
  });

  it('a reset connection reports its reset to the next owner', async () => {
    const p = make();
    send(p.fd, 'never read');
    send(p.peer, 'rest');
    await until(() => tcpState(p.fd) === ESTABLISHED, 'established');
    // Closing with unread data resets.
    close(p.peer);
    p.peer = pair().peer;
    await until(() => tcpState(p.fd) === CLOSE, 'reset');
    const state = await move(p);
    expect(state).toMatchObject({ state: 'close', reset: true, error: 104 });
    expect(`${await recvAll(p.fd, 4)}`).toBe('rest');
    expect(() => recv(p.fd)).toThrow('ECONNRESET');
  });

  it.each(['4', '6'] as const)(
    'a refused IPv%s connection tells its next owner of it, and the one after',
    async (flavour) => {
      const { listen } = await import('./tools.js');
      const { sys, sysRaw } = await import('@criu/native');
      const { toSockaddr } = await import('../src/address.js');
      const family = flavour === '4' ? 4 : 6;
      const listener = listen(flavour);
      close(listener.fd);
      const fd = sys('socket', family === 4 ? 2 : 10, 1 | 0o4000, 0);
      const to = toSockaddr({ address: family === 4 ? '127.0.0.1' : '::1', port: listener.port }, family);
      sysRaw('connect', fd, to, to.length);
      await until(() => tcpState(fd) === CLOSE, 'refused');
      const p: Pair = { fd, peer: -1, port: listener.port };
      open.push(p);
      for (let round = 0; round < 2; round++) {
        const state = await move(p);
        expect(state).toMatchObject({ state: 'close', reset: true, error: 111 });
      }
      const error = new Int32Array(1);
      sys('getsockopt', p.fd, 1, 4, error, new Uint32Array([4]));
      expect(error[0]).toBe(111);
    },
  );

  it('a handshake that waits for its answer goes on: syn-sent', async () => {
    const { listen } = await import('./tools.js');
    const { sys, sysRaw } = await import('@criu/native');
    const { toSockaddr } = await import('../src/address.js');
    const listener = listen('4');
    const fd = sys('socket', 2, 1 | 0o4000, 0);
    const to = toSockaddr({ address: '127.0.0.1', port: listener.port }, 4);
    const own = toSockaddr({ address: '127.0.0.1', port: 0 }, 4);
    sys('bind', fd, own, own.length);
    const name = new Uint8Array(16);
    sys('getsockname', fd, name, new Uint32Array([16]));
    const { fromSockaddr } = await import('../src/address.js');
    const locker = new NftLocker('soccr-test-block');
    const remote = { address: '127.0.0.1', port: listener.port };
    locker.lock([{ family: 4, local: fromSockaddr(name), remote }]);
    expect(sysRaw('connect', fd, to, to.length)).toBe(-115);
    const p: Pair = { fd, peer: listener.fd, port: 0 };
    open.push(p);
    const state = await move(p);
    expect(state.state).toBe('syn-sent');
    expect(tcpState(p.fd)).toBe(2);
    locker.clear();
    await until(() => tcpState(p.fd) === ESTABLISHED, 'established');
    const accepted = sys('accept4', listener.fd, null, null, 0);
    send(p.fd, 'hello');
    expect(`${await recvAll(accepted, 5)}`).toBe('hello');
    close(accepted);
  });
});
