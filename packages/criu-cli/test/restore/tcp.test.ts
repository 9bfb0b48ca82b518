// A server goes to disk and comes back while its clients stay connected: they see a pause and nothing else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { until } from '../support.js';
import { packetFilters, TcpServer } from './tcp-server.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

enterOwnNetwork();
afterAll(cleanUp);

describe.skipIf(!isRoot).each(['127.0.0.1', '::1'])('a TCP server at %s (needs root)', (host) => {
  let server: TcpServer;
  beforeEach(async () => {
    server = await TcpServer.start(host);
  });
  afterEach(() => server.end());

  const dumped = (more = {}) =>
    dump({ pid: server.pid, imagesDir: server.images, tcpEstablished: true, ...more });
  const back = (more = {}) =>
    restore({ imagesDir: server.images, detached: true, tcpEstablished: true, ...more });

  it('keeps its connections through dump and restore; what was sent meanwhile is answered', async () => {
    await dumped();
    await server.gone();
    for (const client of server.clients) client.socket.write('two\nthr');
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.expectConnected();
    await back();
    await server.ask('ee', '3 THREE');
    for (const client of server.clients) expect(client.text).toBe('1 ONE\n2 TWO\n3 THREE\n');
    expect(packetFilters() ?? '').toBe('');
  });

  it('goes on with its connections after a dump that leaves it running', async () => {
    await dumped({ leaveRunning: true });
    await server.ask('two', '2 TWO');
    expect(packetFilters() ?? '').toBe('');
  });

  it('goes on with its connections after a dump that failed', async () => {
    await expect(dumped({ faults: ['write'] })).rejects.toThrow(CriuError);
    await server.ask('two', '2 TWO');
    expect(packetFilters() ?? '').toBe('');
  });

  it('goes on with its connections after a dump that was killed', async () => {
    const script = join(scratch(), 'kill.sh');
    writeFileSync(
      script,
      '#!/bin/sh\nif [ "$CRTOOLS_SCRIPT_ACTION" = post-dump ]; then kill -9 $PPID; fi\n',
      {
        mode: 0o755,
      },
    );
    const args = ['dump', '-t', `${server.pid}`, '-D', server.images, '--tcp-established'];
    const child = spawn(process.execPath, [criu, ...args, '--action-script', script], { stdio: 'ignore' });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    await server.ask('two', '2 TWO');
    await until('the lock is gone', () => (packetFilters() ?? '') === '');
  });

  it('can still be restored after a restore that failed', async () => {
    await dumped();
    await server.gone();
    await expect(back({ faults: ['commit'] })).rejects.toThrow(CriuError);
    await server.gone();
    server.expectConnected();
    await back();
    await server.ask('two', '2 TWO');
  });

  it('can be restored when it was left stopped and then killed', async () => {
    await dumped({ leaveStopped: true });
    for (const client of server.clients) client.socket.write('tw');
    process.kill(server.pid, 'SIGKILL');
    await server.gone();
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.expectConnected();
    await back();
    await server.ask('o', '2 TWO');
    expect(packetFilters() ?? '').toBe('');
  });

  it('is not dumped without leave, and runs on', async () => {
    await expect(dumped({ tcpEstablished: false })).rejects.toThrow(/TCP connection/);
    await server.ask('two', '2 TWO');
  });
});
