// A connection inside another network namespace is locked, saved and restored there, from outside.
import { closeSync, openSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../native/test/own-network.js';
import { freeze, NftLocker, restore, type TcpState } from '../src/index.js';
import { makeNet, type Net, whyNoNetns } from './net.js';
import { close, isRoot, lockedConnections, openFds, pair, recvAll, send } from './tools.js';

enterOwnNetwork();

const why = whyNoNetns();

describe.skipIf(why)(`another network namespace${why ? ` (skipped: ${why})` : ''}`, () => {
  let net: Net | undefined;
  afterEach(() => net?.remove());

  it.each(['4', '6', 'mapped'] as const)(
    'IPv%s: moves within it, and goes through a closing state',
    async (flavour) => {
      expect(isRoot).toBe(true);
      net = makeNet();
      const netns = openSync(`/run/netns/${net.a}`, 'r');
      const p = pair(flavour, undefined, netns);
      const before = openFds();
      const move = async (): Promise<TcpState> => {
        const frozen = await freeze(p.fd);
        expect(lockedConnections()).toEqual([]);
        expect(new NftLocker().list(netns)).toHaveLength(1);
        await frozen.discard();
        close(p.fd);
        p.fd = await restore(frozen.state, { netns });
        expect(new NftLocker().list(netns)).toEqual([]);
        return frozen.state;
      };
      await move();
      send(p.fd, 'there');
      expect(`${await recvAll(p.peer, 5)}`).toBe('there');
      send(p.peer, 'end');
      close(p.peer);
      p.peer = -1;
      while ((await move()).state !== 'close-wait');
      expect(`${await recvAll(p.fd)}`).toBe('end');
      close(p.fd);
      closeSync(netns);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(openFds().size).toBeLessThanOrEqual(before.size);
    },
  );

  it('on another machine: the lock is set first, and nothing stays behind after a failure', async () => {
    net = makeNet();
    const netns = openSync(`/run/netns/${net.b}`, 'r');
    const p = pair();
    const frozen = await freeze(p.fd);
    frozen.detach();
    const state = {
      ...frozen.state,
      local: { address: '10.77.0.9', port: 80 },
      remote: { address: '10.77.0.1', port: 1 },
    };
    await expect(restore(state, { netns, locked: false })).rejects.toMatchObject({
      code: 'ADDRESS_NOT_AVAILABLE',
    });
    expect(new NftLocker().clear(netns)).toBe(false);
    const fd = await restore(
      { ...state, local: { address: '10.77.0.2', port: 80 } },
      { netns, locked: false },
    );
    expect(new NftLocker().clear(netns)).toBe(false);
    close(fd);
    await frozen.resume();
    send(p.fd, 'x');
    expect(`${await recvAll(p.peer, 1)}`).toBe('x');
    close(p.fd, p.peer);
    closeSync(netns);
  });
});
