// Freezing leaves nothing behind when it is undone or fails; the owner goes on as if nothing had happened.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import {
  SHUT_RD,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_OOBINLINE,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  SOL_TCP,
  TCP_CORK,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from '@criu/native/uapi';
import { afterEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../native/test/own-network.js';
import {
  clearLocks,
  discardAll,
  freeze,
  freezeAll,
  IptablesLocker,
  type Locker,
  restore,
  restoreAll,
  restoreSocket,
  resumeAll,
  SoccrError,
  stateFromJson,
  stateToJson,
} from '../src/index.js';
import { getInt, setInt, setOption } from '../src/kernel.js';
import {
  close,
  isRoot,
  listen,
  lockedConnections,
  needsRoot,
  nodePair,
  openFds,
  type Pair,
  pair,
  recvAll,
  repairOf,
  send,
  shutdown,
  sleep,
  until,
} from './tools.js';

enterOwnNetwork();

async function talks(p: Pair) {
  send(p.fd, 'ping');
  expect(`${await recvAll(p.peer, 4)}`).toBe('ping');
  send(p.peer, 'pong');
  expect(`${await recvAll(p.fd, 4)}`).toBe('pong');
}

describe.skipIf(!isRoot)(`freezing${needsRoot}`, () => {
  const made: Pair[] = [];
  const children: ChildProcess[] = [];
  const make = (...args: Parameters<typeof pair>) => {
    const p = pair(...args);
    made.push(p);
    return p;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const p of made.splice(0)) close(...[p.fd, p.peer].filter((fd) => fd >= 0));
    clearLocks('soccr');
  });

  it('holds back the peer while frozen, and lets all of it through afterwards', async () => {
    const p = make();
    const frozen = await freeze(p.fd);
    expect(lockedConnections()).toHaveLength(1);
    send(p.peer, 'while frozen');
    await sleep(20);
    await frozen.resume();
    expect(repairOf(p.fd)).toBe(0);
    expect(lockedConnections()).toEqual([]);
    expect(`${await recvAll(p.fd, 12)}`).toBe('while frozen');
    await talks(p);
    await expect(frozen.resume()).rejects.toMatchObject({ code: 'FINISHED' });
  });

  it('gives a connection back to its very socket after it was taken off', async () => {
    const p = make('4', (fd) => setInt(fd, SOL_SOCKET, SO_KEEPALIVE, 1, 'SO_KEEPALIVE'));
    send(p.peer, 'unread');
    await sleep(5);
    const frozen = await freeze(p.fd);
    frozen.detach();
    await expect(
      restore({ ...frozen.state, local: { ...frozen.state.local, address: '192.0.2.1' } }),
    ).rejects.toMatchObject({ code: 'ADDRESS_NOT_AVAILABLE' });
    await frozen.resume();
    expect(`${await recvAll(p.fd, 6)}`).toBe('unread');
    expect(getInt(p.fd, SOL_SOCKET, SO_KEEPALIVE, '')).toBe(1);
    await talks(p);
    // And once more, now that its port is bound to it.
    const again = await freeze(p.fd);
    again.detach();
    await again.resume();
    await talks(p);
  });

  it.each(['open', 'lock', 'pause', 'save', 'saved'])(
    'a failure at "%s" leaves every connection as it was',
    async (step) => {
      const pairs = [make(), make('6'), make('mapped')];
      await sleep(30);
      const before = openFds();
      let count = 0;
      const trace = (now: string) => {
        // At the second of them: the first is already past it.
        if (now === step && ++count === 2) throw new Error('forced');
      };
      await expect(
        freezeAll(
          pairs.map((p) => p.fd),
          { trace },
        ),
      ).rejects.toThrow('forced');
      await until(() => openFds().size <= before.size, 'descriptors closed');
      expect(openFds()).toEqual(before);
      expect(lockedConnections()).toEqual([]);
      for (const p of pairs) {
        expect(repairOf(p.fd)).toBe(0);
        await talks(p);
      }
    },
  );

  it.each(['detach', 'discard'])('a failure at "%s" can still be resumed', async (step) => {
    const p = make();
    const frozen = await freeze(p.fd, {
      trace: (now) => {
        if (now === step) throw new Error('forced');
      },
    });
    await expect(frozen.discard()).rejects.toThrow('forced');
    await frozen.resume();
    expect(repairOf(p.fd)).toBe(0);
    expect(lockedConnections()).toEqual([]);
    await talks(p);
  });

  it.each(['unlock', 'resume'])('a failure at "%s" of resuming still leaves repair mode', async (step) => {
    const p = make();
    const frozen = await freeze(p.fd, {
      trace: (now) => {
        if (now === step) throw new Error('forced');
      },
    });
    await expect(frozen.resume()).rejects.toThrow('forced');
    expect(repairOf(p.fd)).toBe(0);
    clearLocks();
    await talks(p);
  });

  it.each(['socket', 'restore', 'unlock'])(
    'a failure at "%s" of restoring closes what was made and can be retried',
    async (step) => {
      const pairs = [make(), make()];
      const frozen = await freezeAll(pairs.map((p) => p.fd));
      for (const one of frozen) one.detach();
      const states = frozen.map((one) => one.state);
      await sleep(30);
      const before = openFds();
      let count = 0;
      const trace = (now: string) => {
        if (now === step && ++count === 2) throw new Error('forced');
      };
      await expect(restoreAll(states, { trace })).rejects.toThrow('forced');
      expect(openFds()).toEqual(before);
      expect(lockedConnections()).toHaveLength(2);
      // The second one is restored, the first one goes back.
      const fd = await restore(states[1]!);
      await frozen[1]!.discard();
      close(pairs[1]!.fd);
      pairs[1]!.fd = fd;
      await frozen[0]!.resume();
      for (const p of pairs) await talks(p);
      expect(lockedConnections()).toEqual([]);
    },
  );

  it('a lock that fails is an error and changes nothing', async () => {
    const p = make();
    const lock: Locker = {
      lock() {
        throw new SoccrError('LOCK', 'forced');
      },
      unlock() {},
    };
    await expect(freeze(p.fd, { lock })).rejects.toMatchObject({ code: 'LOCK' });
    expect(repairOf(p.fd)).toBe(0);
    await talks(p);
  });

  it('clears a lock that a crash left behind', async () => {
    const p = make();
    await freeze(p.fd);
    expect(clearLocks()).toBe(true);
    expect(lockedConnections()).toEqual([]);
    expect(clearLocks()).toBe(false);
  });

  it('locks by iptables too, and takes its chain away afterwards', async () => {
    const locker = new IptablesLocker('soccr-test');
    for (const flavour of ['4', '6'] as const) {
      const p = make(flavour);
      const frozen = await freeze(p.fd, { lock: locker });
      send(p.peer, 'held');
      await sleep(20);
      await frozen.discard();
      close(p.fd);
      p.fd = -1;
      p.fd = await restore(frozen.state, { lock: locker });
      expect(`${await recvAll(p.fd, 4)}`).toBe('held');
      await talks(p);
    }
    expect(locker.clear()).toBe(false);
  });

  it('refuses an urgent byte outside the stream and keeps one inside', async () => {
    const p = make();
    send(p.peer, 'a!', 1 /* MSG_OOB */);
    await sleep(5);
    await expect(freeze(p.fd)).rejects.toMatchObject({ code: 'URGENT_DATA' });
    expect(repairOf(p.fd)).toBe(0);
    expect(lockedConnections()).toEqual([]);
    const q = make('4', (fd) => setInt(fd, SOL_SOCKET, SO_OOBINLINE, 1, 'SO_OOBINLINE'));
    send(q.peer, 'a!', 1);
    send(q.peer, 'behind');
    await sleep(5);
    const frozen = await freeze(q.fd);
    await frozen.discard();
    close(q.fd);
    q.fd = -1;
    q.fd = await restore(frozen.state);
    expect(`${await recvAll(q.fd, 8)}`).toBe('a!behind');
  });

  it.each([
    ['a file', () => 0, 'NOT_TCP'],
    ['a listening socket', () => listen('4').fd, 'NOT_SAVEABLE'],
    ['a closed descriptor', () => 9999, 'BAD_TARGET'],
    ['a process that is gone', () => ({ pid: 4_190_000, fd: 1 }), 'BAD_TARGET'],
  ])('refuses %s', async (_name, target, code) => {
    const it = target();
    await expect(freeze(it)).rejects.toMatchObject({ name: 'SoccrError', code });
    if (typeof it === 'number' && it > 2 && it < 9999) close(it);
  });

  it('options of the owner survive', async () => {
    const p = make();
    setInt(p.fd, SOL_SOCKET, SO_KEEPALIVE, 1, '');
    setInt(p.fd, SOL_TCP, TCP_KEEPIDLE, 77, '');
    setInt(p.fd, SOL_TCP, TCP_KEEPINTVL, 7, '');
    setInt(p.fd, SOL_TCP, TCP_KEEPCNT, 3, '');
    setInt(p.fd, SOL_TCP, TCP_NODELAY, 1, '');
    setInt(p.fd, SOL_TCP, TCP_USER_TIMEOUT, 12_345, '');
    setInt(p.fd, SOL_TCP, TCP_CORK, 1, '');
    setInt(p.fd, SOL_SOCKET, SO_RCVBUF, 50_000, '');
    setInt(p.fd, SOL_SOCKET, SO_MARK, 42, '');
    setInt(p.fd, 0, 2, 33, 'IP_TTL');
    setOption(p.fd, SOL_SOCKET, SO_LINGER, new Uint8Array(new Int32Array([1, 9]).buffer), 'SO_LINGER');
    shutdown(p.fd, SHUT_RD);
    const before = await freeze(p.fd);
    expect(before.state.options).toMatchObject({
      keepAlive: true,
      keepIdle: 77,
      keepInterval: 7,
      keepCount: 3,
      noDelay: true,
      cork: true,
      userTimeoutMs: 12_345,
      receiveBuffer: 100_000,
      bufferLock: 2,
      mark: 42,
      ttl: 33,
      linger: 9,
      reuseAddress: true,
      nonBlocking: false,
    });
    expect(before.state.readShutdown).toBe(true);
    await before.discard();
    close(p.fd);
    p.fd = -1;
    p.fd = await restore(before.state);
    const after = await freeze(p.fd);
    expect(after.state.options).toEqual(before.state.options);
    const { window, timestamp, ...same } = before.state;
    expect(after.state).toMatchObject(same);
    // A window may grow, never shrink.
    expect(after.state.window!.rcvWnd).toBeGreaterThanOrEqual(window!.rcvWnd);
    expect((after.state.timestamp! - timestamp!) >>> 0).toBeLessThan(60_000);
    await after.resume();
  });

  it('unsent data stays unsent and sent data stays sent', async () => {
    // The peer reads nothing: its window closes, and the rest is never sent.
    const small = (fd: number) => setInt(fd, SOL_SOCKET, SO_RCVBUF, 4096, '');
    const p = make('4', small);
    [p.fd, p.peer] = [p.peer, p.fd];
    setInt(p.fd, SOL_SOCKET, SO_SNDBUF, 1 << 20, '');
    const data = Buffer.alloc(300_000, 'unsent ');
    let written = 0;
    while (written < data.length) written += send(p.fd, data.subarray(written));
    await sleep(300);
    const frozen = await freeze(p.fd);
    const { send: queue } = frozen.state;
    expect(queue.unsent).toBeGreaterThan(100_000);
    expect(queue.data.length).toBeGreaterThanOrEqual(queue.unsent);
    const copy = stateFromJson(stateToJson(frozen.state));
    expect(copy).toEqual({ ...frozen.state });
    await frozen.discard();
    close(p.fd);
    p.fd = -1;
    p.fd = await restore(copy);
    const again = await freeze(p.fd);
    expect(again.state.send.seq).toBe(queue.seq);
    expect(
      Buffer.from(again.state.send.data).equals(
        Buffer.from(queue.data).subarray(-again.state.send.data.length),
      ),
    ).toBe(true);
    await again.resume();
    expect((await recvAll(p.peer, data.length)).equals(data)).toBe(true);
  });

  it('moves a Node socket with data in all its buffers', async () => {
    const { server, client } = await nodePair();
    let served = '';
    server.on('data', (data) => {
      served += data;
    });
    client.write('first ');
    await until(() => served === 'first ', 'first');
    server.pause();
    client.write('second ');
    await sleep(10);
    // More than the kernel takes at once, to a client that does not read.
    client.pause();
    const body = Buffer.alloc(8 << 20, 'download ');
    server.write(body);
    const frozen = await freeze(server, { unread: Buffer.from('half ') });
    expect(`${Buffer.from(frozen.state.receive.data)}`).toBe('half second ');
    await frozen.discard();
    expect(server.destroyed).toBe(true);
    const next = await restoreSocket(frozen.state);
    let got = '';
    next.on('data', (data) => {
      got += data;
    });
    client.write('third');
    await until(() => got === 'half second third', 'all of it in order');
    expect(served).toBe('first ');
    let length = 0;
    client.on('data', (data) => {
      expect(data.equals(body.subarray(length, length + data.length))).toBe(true);
      length += data.length;
    });
    client.resume();
    await until(() => length === body.length, 'the whole download', 20_000);
    const ended = new Promise((resolve) => client.once('end', resolve));
    next.end();
    await ended;
    client.destroy();
  });

  it('a Node socket goes on where it was after a resume', async () => {
    const { server, client } = await nodePair();
    let got = '';
    server.on('data', (data) => {
      got += data;
    });
    const frozen = await freeze(server);
    client.write('hello');
    await sleep(5);
    await frozen.resume();
    await until(() => got === 'hello', 'hello');
    client.destroy();
    server.destroy();
  });

  it("takes another process's connection over, and that one sees it aborted", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const accepted = new Promise<import('node:net').Socket>((resolve) => server.once('connection', resolve));
    const script = `const s = require('net').connect(${port}, '127.0.0.1', () => console.log(s._handle.fd));
      s.on('data', (d) => console.log('got ' + d)); s.on('error', (e) => console.log(e.code));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let output = '';
    child.stdout!.on('data', (data) => {
      output += data;
    });
    const peer = await accepted;
    server.close();
    await until(() => output.includes('\n'), 'the descriptor');
    const target = { pid: child.pid!, fd: Number.parseInt(output, 10) };

    // Looked at and let go: nothing happens to it.
    const look = await freeze(target);
    expect(look.state.remote.port).toBe(port);
    await look.resume();
    peer.write('one');
    await until(() => output.includes('got one'), 'goes on');

    const frozen = await freeze(target);
    frozen.detach();
    await frozen.resume();
    peer.write('two');
    await until(() => output.includes('got two'), 'goes on after it was given back');

    const taken = await freeze(target);
    await taken.discard();
    const ours = await restoreSocket(taken.state);
    let got = '';
    ours.on('data', (data) => {
      got += data;
    });
    peer.write('three');
    await until(() => got === 'three', 'ours');
    await until(() => output.includes('ECONNABORTED'), 'the owner was told');
    expect(output).not.toContain('three');
    ours.destroy();
    peer.destroy();
  });

  it('resumes and discards many at once', async () => {
    const pairs = Array.from({ length: 50 }, () => make());
    await resumeAll(await freezeAll(pairs.map((p) => p.fd)));
    expect(lockedConnections()).toEqual([]);
    const frozen = await freezeAll(pairs.map((p) => p.fd));
    await discardAll(frozen);
    for (const p of pairs) close(p.fd);
    const fds = await restoreAll(frozen.map((one) => one.state));
    pairs.forEach((p, i) => {
      p.fd = fds[i]!;
    });
    for (const p of pairs) await talks(p);
    expect(lockedConnections()).toEqual([]);
  });

  it('names a peer without a route, and a connection that still exists', async () => {
    const p = make();
    const frozen = await freeze(p.fd);
    await expect(restore(frozen.state)).rejects.toMatchObject({ code: 'CONNECTION_EXISTS' });
    const far = { ...frozen.state, remote: { address: '240.0.0.1', port: 1 } };
    await expect(restore(far)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    await expect(restore({ ...frozen.state, version: 2 } as never)).rejects.toMatchObject({
      code: 'BAD_STATE',
    });
    await frozen.resume();
    await talks(p);
  });
});
