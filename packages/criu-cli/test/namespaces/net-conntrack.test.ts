// Connections that connection tracking expects: those of helpers come back, others are refused before the tasks are ended.
import { spawn, spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

const hasNft = hasIp && spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']).status === 0;

/** A server of FTP and its client, which speak until the end of this process's input. */
const TALK = `
const net = require('node:net');
const port = Number(process.argv[1]);
const server = net.createServer((one) => {
  one.write('220 ready\\r\\n');
  setTimeout(() => one.write('227 Entering Passive Mode (127,0,0,1,21,179)\\r\\n'), 200);
});
server.listen(port, '127.0.0.1', () => net.connect(port, '127.0.0.1').resume());
process.stdin.resume().on('end', () => process.exit());
`;

describe.skipIf(!hasNft)('expected connections (need root, ip and nft)', () => {
  const task = sleeper();
  const listed = () => task.inside('cat', '/proc/thread-self/net/nf_conntrack_expect').stdout;

  /** Rules, and a connection to which they apply, until one more is expected. */
  async function expecting(rules: string, port: number, work: () => Promise<void>): Promise<void> {
    expect(task.inside('ip', 'link', 'set', 'lo', 'up')).toMatchObject({ status: 0 });
    expect(task.inside('nft', rules)).toMatchObject({ status: 0 });
    const talk = spawn('nsenter', ['-t', `${task.pid}`, '-n', process.execPath, '-e', TALK, `${port}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      await until('a connection is expected', () => listed() !== '');
      await work();
    } finally {
      talk.stdin?.end();
      await new Promise((resolve) => talk.once('exit', resolve));
    }
  }

  it('of a helper come back with their helper', () =>
    expecting(
      `add table ip x
       add ct helper ip x h { type "ftp" protocol tcp ; }
       add chain ip x out { type filter hook output priority 0 ; }
       add rule ip x out tcp dport 21 ct helper set "h"`,
      21,
      async () => {
        const what = () => listed().replace(/^\d+/, '');
        const before = what();
        expect(before).toMatch(/dport=5555.*ftp/);
        for (let i = 0; i < 2; i++) {
          const imagesDir = freshDir();
          await dump({ pid: task.pid, imagesDir });
          await free([task.pid]);
          await restore({ imagesDir, detached: true });
          expect(what()).toBe(before);
        }
      },
    ));

  it('without a helper are refused by name, and the task runs on', () =>
    expecting(
      `add table ip x
       add ct expectation ip x e { protocol tcp ; dport 5555 ; timeout 1h ; size 12 ; l3proto ip ; }
       add chain ip x out { type filter hook output priority 0 ; }
       add rule ip x out tcp dport 7000 ct expectation set "e"`,
      7000,
      async () => {
        await expect(dump({ pid: task.pid, imagesDir: freshDir() })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          message: expect.stringMatching(/expects connections that no helper has told it of/),
          remedy: expect.stringMatching(/conntrack -F expect/),
        });
        expect(task.inside('cat', `/proc/${task.pid}/stat`).stdout).toMatch(/ S /);
      },
    ));
});
