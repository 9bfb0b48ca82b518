// Tasks in a user namespace of their own with sockets of the host, in whose network namespace they may do nothing, and with files of
// the host's root: these come back, or the dump leaves the tasks as they are.
import { appendFileSync, chmodSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { withContained } from './own-users.js';

afterAll(cleanUp);

const LOW = 77;
let address = 0;

/** An address of the loopback that no other test binds to, and a name of a Unix socket. */
function own(): { ADDRESS: string; ABSTRACT: string; FOLDER: string } {
  address += 1;
  const { pid } = process;
  return {
    ADDRESS: `127.${1 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${((pid & 127) << 1) + (address & 1)}`,
    ABSTRACT: `criu-test-${pid}-${address}`,
    FOLDER: freshDir(),
  };
}

/** Whether somebody listens there, as the host sees it. */
function reached(host: string): Promise<boolean> {
  const socket = connect({ host, port: LOW });
  return new Promise((resolve) => {
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

describe.skipIf(!isRoot)('sockets and files of the host in a user namespace (need root)', () => {
  it.each([
    ['whose network is the host’s', {}],
    ['whose network is its own', { OWN_NETWORK: '1' }],
  ])('are the host’s again, for a task %s', async (_, more) => {
    const env = { ...own(), ...more };
    await withContained(
      'host-sockets',
      async (contained) => {
        for (let i = 0; i < 2; i++) {
          await contained.cycle();
          expect(await contained.verify()).toBe('ok');
          expect(readFileSync('/proc/net/unix', 'latin1')).toContain(` @${env.ABSTRACT}\n`);
        }
        expect(await reached(env.ADDRESS)).toBe(true);
      },
      env,
    );
  });

  it.each([
    ['whose network is the host’s', {}],
    ['whose network is its own', { OWN_NETWORK: '1' }],
  ])('keep options that only the host’s root may set, for a task %s', (_, more) =>
    withContained(
      'host-options',
      async (contained) => {
        for (let i = 0; i < 2; i++) {
          await contained.cycle({ tcpEstablished: true });
          expect(await contained.verify()).toBe('ok');
        }
      },
      { ...own(), ...more },
    ),
  );

  it('come with timers that wake the machine, the log of the kernel, and watches of files that the task may not read', async () => {
    const env = own();
    await withContained(
      'host-watches',
      async (contained) => {
        for (let i = 0; i < 2; i++) {
          await contained.cycle();
          appendFileSync(join(env.FOLDER, 'hidden/file'), 'more');
          expect(await contained.verify()).toBe('ok');
        }
      },
      env,
    );
  });

  it('are refused before the tasks end where they cannot be made again', () =>
    withContained(
      'host-sockets',
      async (contained) => {
        await expect(dump({ pid: contained.init, imagesDir: freshDir() })).rejects.toMatchObject({
          cause: {
            code: 'UNSUPPORTED',
            message: expect.stringMatching(/made in the network namespace of the host/),
          },
        });
        expect(await contained.verify()).toBe('ok');
      },
      { ...own(), OWN_NETWORK: '1', PAIR: '1' },
    ));

  it('leave a task alone that could not enter its working directory again', async () => {
    const env = own();
    await withContained(
      'host-sockets',
      async (contained) => {
        chmodSync(env.FOLDER, 0o770);
        await expect(dump({ pid: contained.init, imagesDir: freshDir() })).rejects.toMatchObject({
          code: 'NOT_DUMPABLE',
          message: expect.stringMatching(/its working directory .* belongs to user 0 and group 0/),
        });
        expect(await contained.verify()).toBe('ok');
      },
      env,
    );
  });
});
