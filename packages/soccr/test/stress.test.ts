// Streams in both directions at once arrive whole while one end moves between processes. CRIU_STRESS=1: 1 GB, 20 moves.
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NftLocker } from '../src/nft.js';
import { bundle } from './bundle.js';
import { makeNet, type Net, type Wire, whyNoNetns } from './net.js';
import type { Order, Progress, Report } from './workers/stream.js';

const big = process.env['CRIU_STRESS'] === '1';
const total = big ? 1 << 30 : 12 << 20;
const moves = big ? 20 : 8;
const why = whyNoNetns();

const off = { tcp_sack: '0', tcp_timestamps: '0' };
const tiny = { tcp_rmem: '4096 8192 16384', tcp_wmem: '4096 8192 16384' };
const large = { tcp_rmem: '4096 1048576 33554432', tcp_wmem: '4096 1048576 33554432' };
const cases: [name: string, family: 4 | 6, wire: Wire, share?: number][] = [
  ['IPv4 with SACK, timestamps and window scaling', 4, {}],
  ['IPv6 with SACK, timestamps and window scaling', 6, {}],
  ['IPv4 without SACK and timestamps', 4, { sysctl: off }],
  ['IPv6 without SACK and timestamps', 6, { sysctl: off }],
  ['IPv4 without window scaling', 4, { sysctl: { tcp_window_scaling: '0' } }],
  ['IPv4 with tiny buffers', 4, { sysctl: tiny }, 8],
  ['IPv4 with large buffers', 4, { sysctl: large }],
  ['IPv4 with delay and loss', 4, { delayMs: 2, lossPercent: 1 }, 2],
  // Without SACK a loss soon costs a time-out, and without timestamps the kernel keeps those as long as they have grown
  // (Karn's rule): at 1 % 1 GB takes 47 s where nothing moves, and minutes when moves lose what is in flight.
  [
    'IPv6 with delay and loss, without SACK and timestamps',
    6,
    { delayMs: 2, lossPercent: 0.1, sysctl: off },
    4,
  ],
];

class Worker {
  private readonly waiting: ((report: Report) => void)[] = [];
  private readonly got: Report[] = [];
  constructor(readonly child: ChildProcess) {
    const deliver = (report: Report) => {
      const next = this.waiting.shift();
      if (next) next(report);
      else this.got.push(report);
    };
    child.on('message', deliver);
    child.on('exit', (code, signal) => deliver({ is: 'error', message: `worker ended: ${code ?? signal}` }));
  }
  order(order: Order) {
    this.child.send(order);
  }
  next(): Promise<Report> {
    const report = this.got.shift();
    return report ? Promise.resolve(report) : new Promise((resolve) => this.waiting.push(resolve));
  }
  async expect<K extends Report['is']>(is: K): Promise<Extract<Report, { is: K }>> {
    const report = await this.next();
    if (report.is !== is) throw new Error(`wanted ${is}, got ${JSON.stringify(report).slice(0, 500)}`);
    return report as Extract<Report, { is: K }>;
  }
}

describe.skipIf(why)(`a stream whose end moves between processes${why ? ` (skipped: ${why})` : ''}`, () => {
  let script: Awaited<ReturnType<typeof bundle>>;
  let net: Net | undefined;
  let workers: Worker[] = [];
  beforeAll(async () => {
    script = await bundle('test/workers/stream.ts');
  });
  afterAll(() => script.remove());
  afterEach(() => {
    for (const { child } of workers) child.kill('SIGKILL');
    workers = [];
    net?.remove();
    net = undefined;
  });

  it.each(cases)(
    '%s',
    async (_name, family, wire, share = 1) => {
      // The slow ones are shorter in the ordinary run only.
      const bytes = big ? total : total / share;
      net = makeNet(wire);
      const made = [
        net.spawn(net.a, script.path),
        net.spawn(net.a, script.path),
        net.spawn(net.b, script.path),
      ];
      workers = made.map((child) => new Worker(child));
      const [one, two, peer] = workers as [Worker, Worker, Worker];
      for (const worker of workers) await worker.expect('ready');

      const step = (2 * bytes) / (moves + 1);
      const host = family === 4 ? '10.77.0.1' : 'fd77::1';
      const progress: Progress = { total: bytes, sent: 0, received: 0, giveAt: step };
      const begin = performance.now();
      one.order({ do: 'listen', host, progress });
      const { port } = await one.expect('listening');
      peer.order({ do: 'connect', host, port, total: bytes });

      // What the peer says first, a wrong byte or a reset, ends the test.
      const peerDone = peer.next();
      const peerFailed = peerDone.then((report) =>
        report.is === 'done' ? new Promise<never>(() => {}) : report,
      );
      let [owner, other] = [one, two];
      let queued = 0;
      for (let move = 1; move <= moves; move++) {
        const gave = await Promise.race([owner.next(), peerFailed]);
        if (gave.is !== 'gave') throw new Error(`move ${move}: ${JSON.stringify(gave).slice(0, 500)}`);
        queued += gave.queued[0] + gave.queued[1];
        const giveAt = move === moves ? Number.POSITIVE_INFINITY : (move + 1) * step;
        other.order({ do: 'take', state: gave.state, progress: gave.progress, giveAt });
        [owner, other] = [other, owner];
      }
      expect(await owner.expect('done')).toEqual({ is: 'done', received: bytes, sent: bytes });
      expect(await peerDone).toEqual({ is: 'done', received: bytes, sent: bytes });
      // Else the moves did not happen in the middle of anything.
      expect(queued).toBeGreaterThan(0);
      const namespace = openSync(`/run/netns/${net.a}`, 'r');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(new NftLocker().list(namespace)).toEqual([]);
      closeSync(namespace);
      if (big) {
        const seconds = (performance.now() - begin) / 1000;
        console.log(
          `${_name}: ${moves} moves, 2 × ${bytes / 2 ** 20} MiB in ${seconds.toFixed(1)} s, ${queued} bytes moved in queues, impairment: ${net.impairment}`,
        );
      }
    },
    big ? 590_000 : 60_000,
  );
});
