// The chat server of the README is upgraded while clients are in the middle of everything; none of them notices.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../native/test/own-network.js';
import { bundle } from './bundle.js';
import { isRoot, lockedConnections, needsRoot, until } from './tools.js';

enterOwnNetwork();

describe.skipIf(!isRoot)(`the example server${needsRoot}`, () => {
  let child: ChildProcess | undefined;
  const pids = new Set<number>();
  afterEach(() => {
    child?.kill('SIGKILL');
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has gone, as it should.
      }
    }
  });

  it('hands over idle clients, half requests, waiting answers, downloads and a chat', async () => {
    const script = await bundle('examples/chat-server.mjs');
    child = spawn(process.execPath, [script.path, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout!.on('data', (data) => {
      output += data;
      for (const [, pid] of output.matchAll(/^(\d+) serves/gm)) pids.add(Number(pid));
    });
    await until(() => /port \d+/.test(output), 'the server serves');
    const port = Number(/port (\d+)/.exec(output)![1]);
    const text = async (path: string, agent: Agent) => {
      const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
      let body = '';
      for await (const data of response) body += data;
      return body.trim();
    };
    const raw = async (first: string): Promise<Socket & { got: string }> => {
      const socket = Object.assign(connect(port), { got: '' });
      socket.on('data', (data) => {
        socket.got += data;
      });
      await once(socket, 'connect');
      socket.write(first);
      return socket;
    };

    // Clients that keep their one connection; a second one would show as another local port.
    const idle = Array.from({ length: 20 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    for (const agent of idle) expect(await text('/pid', agent)).toBe(`${child.pid}`);
    const ports = () => idle.map((agent) => (Object.values(agent.freeSockets)[0] as Socket[])[0]!.localPort);
    const before = ports();
    const half = await raw('POST /say HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello');
    const waiting = text('/slow?ms=400', new Agent());
    const member = await raw('GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n');
    await until(() => member.got.includes('101'), 'in the chat');
    member.write('half a li');
    const size = 40_000_000;
    const [download] = (await once(request({ port, path: `/download?bytes=${size}` }).end(), 'response')) as [
      IncomingMessage,
    ];
    let length = 0;
    let wrong = 0;
    const pattern = '0123456789abcdef'.repeat(8192);
    download.on('data', (data: Buffer) => {
      const at = length % 16;
      for (let i = 0; i < data.length; i += 65536) {
        const part = data.subarray(i, i + 65536);
        if (part.toString('latin1') !== pattern.slice(at, at + part.length)) wrong++;
      }
      length += data.length;
      // Slower than the server, so that it is in the middle of it.
      download.pause();
      setTimeout(() => download.resume(), 1);
    });
    const downloaded = once(download, 'end');
    await until(() => length > 1_000_000, 'some of the download');

    process.kill(child.pid!, 'SIGUSR2');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(length).toBeLessThan(size);
    const successor = [...pids].find((pid) => pid !== child!.pid);

    half.write(' world');
    member.write('ne\n');
    for (const agent of idle) expect(await text('/pid', agent)).toBe(`${successor}`);
    expect(ports()).toEqual(before);
    await until(() => half.got.includes('said'), 'the half request is answered');
    await until(() => /hello world\n/.test(member.got) && /half a line\n/.test(member.got), 'chat goes on');
    expect(await waiting).toBe('here');
    download.resume();
    await downloaded;
    expect(length).toBe(size);
    expect(wrong).toBe(0);
    await until(() => lockedConnections().length === 0, 'unlocked');

    half.destroy();
    member.destroy();
    for (const agent of idle) agent.destroy();
    script.remove();
  });
});
