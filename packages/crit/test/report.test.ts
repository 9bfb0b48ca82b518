// The page on a checkpoint: what it says, and what it never does. How a browser shows it: `npm run test:report`.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FdTypes, ImageSet, PAGE_SIZE, writeImageSync } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { report, reportData, reportHtml } from '../src/index.js';
import { mapped, regionsOf } from '../src/report/client/regions.js';
import { capabilityNames } from '../src/report/credentials.js';
import { escapeHtml, html, visible } from '../src/report/html.js';
import type { MappingRow, Payload } from '../src/report/payload.js';
import { clientModule, target } from '../tools/report-client.mjs';
import { fown, sound } from './checkpoint.js';
import { EVIL, hostile } from './hostile.js';
import { goldenSets, scratch, tcpSet } from './support.js';

/** What the page carries for its script. */
function payload(page: string): Payload {
  const packed = /<script type="text\/plain" id="data">([\w+/=]*)<\/script>/.exec(page)?.[1] ?? '';
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as Payload;
}

describe('the data of a report', () => {
  it('is none where there are no images', () => {
    const dir = scratch();
    writeFileSync(join(dir, 'dump.log'), '');
    expect(() => reportData(dir)).toThrow('the directory has no images');
  });

  it('has processes, memory, descriptors and sockets of a real checkpoint', () => {
    const data = reportData(tcpSet.images);
    expect(data.processes.map(({ pid, depth, comm }) => [pid, depth, comm])).toEqual([
      [1, 0, 'socket-tcp4v6-c'],
      [5, 1, 'socket-tcp4v6-c'],
      [6, 2, 'socket-tcp4v6-c'],
    ]);
    expect(data.processes[2]?.branches).toEqual([false, false]);
    expect(data.sockets.map(({ state }) => state)).toContain('CLOSING');
    expect(data.mounts[0]?.mounts.map(({ mountpoint, depth }) => `${depth}${mountpoint}`)).toContain(
      '2/dev/pts',
    );
    expect(data.memory.stack.mapped).toBeGreaterThan(0n);
    expect(data.processes[1]?.descriptors.find(({ fd }) => fd === 6)).toMatchObject({
      type: 'inet socket',
      what: 'TCP [::]:8880',
    });
  });

  it('reads the command line out of the memory', () => {
    expect(reportData(hostile().dir).processes[0]?.args).toEqual([EVIL, 'x'.repeat(300)]);
  });

  it('leaves out what is broken, and lists it', () => {
    const { dir, set } = sound();
    truncateSync(set.path('mm-1.img'), 12);
    rmSync(set.path('fdinfo-2.img'));
    const data = reportData(dir);
    expect(data.processes).toHaveLength(1);
    expect(data.processes[0]).toMatchObject({ comm: 'sound', mappings: [], descriptors: [] });
    expect(data.problems.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['mm-1.img', 'fdinfo-2.img']),
    );
    expect(reportHtml(data)).toContain('<b>1 error and 1 warning in the images.</b>');
  });

  it('is there whichever image is broken', () => {
    const { dir, set } = hostile();
    for (const name of set.names()) {
      const bytes = readFileSync(set.path(name));
      writeFileSync(set.path(name), bytes.subarray(0, bytes.length - 1));
      const page = report(dir);
      expect(page).toMatch(/<\/html>\n$/);
      if (name !== 'pages-1.img') expect(page, name).toContain(`<code>${name}</code>`);
      writeFileSync(set.path(name), bytes);
    }
  });

  it('is made of every golden set', () => {
    for (const { images } of goldenSets) expect(report(images)).toMatch(/<\/html>\n$/);
  });

  it('says why there is nothing to report on', () => {
    expect(() => report(join(scratch(), 'none'))).toThrowError(/ENOENT/);
  });
});

describe('the page of a report', () => {
  it('has nothing from outside and no script but its own, whatever the images say', () => {
    const page = report(hostile(40).dir);
    expect(page.match(/<(img|link|iframe|object|base|form)\b/g)).toBeNull();
    expect(page.match(/(href|src|url\()[^#"]*"?(?!#)(https?:|\/\/)/g)).toBeNull();
    expect([...page.matchAll(/href="(.)/g)].every(([, first]) => first === '#')).toBe(true);
    // The text is there, and can be seen for what it is.
    expect(page).toContain(escapeHtml(visible(EVIL)));
    expect(page).not.toContain('\u202e');
    // Whatever else a browser took for a script or a style, it would not be of use.
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text ?? '');
    const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text]) => text ?? '');
    expect([scripts.length, styles.length, page.match(/<script/g)?.length]).toEqual([1, 1, 2]);
    const hash = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    expect(policy).toBe(
      `default-src 'none'; style-src ${hash(styles[0])}; script-src ${hash(scripts[0])}; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/ style="| on[a-z]+=(?!hacked)/);
  });

  it('carries what its script shows, in which everything can be seen for what it is', () => {
    const page = report(hostile(3).dir);
    const data = payload(page);
    expect(data.processes.map(({ pid, depth, comm }) => [pid, depth, comm])).toEqual(
      [1, 2, 3].map((pid) => [pid, pid - 1, visible(EVIL)]),
    );
    expect(data.commands[data.processes[0]?.command ?? -1]).toEqual([visible(EVIL), 'x'.repeat(300)]);
    expect(data.connections.map(([kind]) => kind)).toEqual(['Unix stream']);
    expect(data.processes.map(({ descriptorsOf }) => descriptorsOf)).toEqual([undefined, 1, 1]);
  });

  it('has the script that its sources make (npm run generate -w @criu/crit)', async () => {
    expect(readFileSync(target, 'utf8')).toBe(await clientModule());
  });

  it('says at the top whether the checkpoint is whole, before all else', () => {
    const { dir, set } = sound();
    writeImageSync(set.path('files.img'), 'FILES', [
      { entry: { type: FdTypes.REG, id: 1, reg: { id: 1, flags: 0, pos: 0n, fown, name: '/' } } },
      { entry: { type: FdTypes.PIPE, id: 2, pipe: { id: 2, pipe_id: 7, flags: 0, fown } } },
    ]);
    const whole = report(dir);
    expect(whole).toContain('The checkpoint is whole.');
    rmSync(set.path('pages-1.img'));
    const broken = report(dir);
    expect(broken).not.toContain('The checkpoint is whole.');
    expect(broken.indexOf('<code>pages-1.img</code>')).toBeGreaterThan(0);
    expect(broken.indexOf('<code>pages-1.img</code>')).toBeLessThan(broken.indexOf('class="tiles"'));
  });

  it('escapes all values, and makes visible what has no shape', () => {
    expect(html`<a title="${`"><b>'`}">${['<', 1n, undefined, false]}</a>`.text).toBe(
      '<a title="&quot;&gt;&lt;b&gt;&#39;">&lt;1</a>',
    );
    expect(visible('a\u0000\u001b[1m\u202e\udc80\u200bü😀')).toBe('a\\x00\\x1b[1m\\u202e\\x80\\u200bü😀');
  });

  it('puts small regions that are far from each other into one row', () => {
    const row = (start: number, size = 4096): MappingRow => [start.toString(16), size, 0, 0, 0, 0, 0, 0];
    const regions = (...rows: MappingRow[]) => regionsOf(mapped(rows));
    const far = [1, 2, 3].map((index) => row(index * 2 ** 40));
    const large = row(4 * 2 ** 40, 2 ** 30);
    expect(regions(...far, large).map(({ mappings }) => mappings.length)).toEqual([3, 1]);
    expect(regions(row(0), row(8192))).toHaveLength(1);
    expect(regions()).toEqual([]);
  });
});

describe('where a checkpoint comes from', () => {
  it('is what stats-dump says', () => {
    const { dir, set } = sound();
    const noted = { dumped_at: 1_795_886_717n, dumped_by: 'criu 4.2 (TypeScript)' };
    const entry = { origin: { ...noted, kernel: '6.18.1', machine: 'box' } };
    writeImageSync(set.path('stats-dump'), 'STATS', [{ entry }]);
    expect(reportData(dir).origin).toEqual({
      time: '2026-11-28T17:25:17.000Z',
      timeOf: 'images',
      machine: 'box',
      kernel: '6.18.1',
      dumper: 'criu 4.2 (TypeScript)',
    });
    const page = report(dir);
    for (const words of ['2026-11-28 17:25:17 UTC', 'box', '6.18.1', 'criu 4.2 (TypeScript)'])
      expect(page).toContain(words);
  });

  it('is what a log and the time of a file tell, where nothing better is known', () => {
    const { dir, set } = sound();
    utimesSync(set.path('inventory.img'), 1_700_000_000, 1_700_000_000);
    writeFileSync(
      set.path('dump.log'),
      '(00.000000) Version: 4.2 (gitid v4.2)\n(00.000022) Running on box Linux 6.1.0-9-amd64 #1 SMP x86_64\n',
    );
    expect(reportData(dir).origin).toEqual({
      time: '2023-11-14T22:13:20.000Z',
      timeOf: 'file',
      machine: 'box',
      kernel: '6.1.0-9-amd64',
      dumper: 'criu 4.2',
    });
  });

  it('is nothing where a time is none, and no failure', () => {
    const { dir, set } = sound();
    const entry = { origin: { dumped_at: 2n ** 64n - 1n } };
    writeImageSync(set.path('stats-dump'), 'STATS', [{ entry }]);
    expect(reportData(dir).origin.timeOf).toBe('file');
  });
});

describe('connections', () => {
  it('have both ends of a TCP connection, of pipes and of pairs in one row', () => {
    const { connections } = reportData(tcpSet.images);
    expect(
      connections.map(({ kind, state, from, to }) => [kind, state, from.address, to?.address ?? '']),
    ).toEqual([
      ['TCP', 'closing / fin_wait2', '127.0.0.1:8880', '127.0.0.1:56472'],
      ['TCP', 'established', '127.0.0.1:8880', '127.0.0.1:56478'],
      ['TCP', 'listen', '[::]:8880', ''],
      ['pipe', 'no writer', 'pipe 1498101', ''],
    ]);
    expect(connections[1]?.to?.holders).toEqual([{ pid: 6, fds: [6] }]);
  });
});

describe('who a process is', () => {
  it('has capabilities by their names', () => {
    expect(capabilityNames([1 << 21, 1 << 8])).toEqual(['sys_admin', 'checkpoint_restore']);
    expect(capabilityNames([0xffffffff, 0x1ff])).toEqual(['all']);
    expect(capabilityNames([0, 1 << 31])).toEqual(['number 63']);
  });

  it('has its environment, without what names tell to be secret', () => {
    const { dir, set } = hostile();
    const text = `HOME=/root\0API_TOKEN=hunter2\0PWD=/\0URL=postgres://bob:hunter2@db/x\0odd\0`;
    const page = Buffer.alloc(PAGE_SIZE);
    page.write(text);
    writeFileSync(set.path('pages-1.img'), page);
    const mm = set.mm(1);
    expect(mm).toBeDefined();
    if (mm === undefined) return;
    Object.assign(mm, { mm_env_start: 0x10000n, mm_env_end: 0x10000n + BigInt(text.length), mm_arg_end: 0n });
    writeImageSync(set.path('mm-1.img'), 'MM', [{ entry: mm }]);
    expect(reportData(dir).processes[0]?.environment).toEqual([
      { name: 'HOME', value: '/root' },
      { name: 'API_TOKEN' },
      { name: 'PWD', value: '/' },
      { name: 'URL', value: 'postgres://bob:…@db/x' },
      { name: 'odd', value: '' },
    ]);
    expect(gunzipless(report(dir))).not.toContain('hunter2');
    expect(gunzipless(report(dir, { secrets: true }))).toContain('hunter2');
  });
});

/** The page and what it carries, as one text. */
const gunzipless = (page: string): string => page + JSON.stringify(payload(page));

it('keeps deep trees and many processes in bounds', () => {
  const { dir } = hostile(2000);
  const page = report(dir);
  // Kilobytes, not megabytes, also where a tree is large.
  expect(page.length).toBeLessThan(400_000);
  expect(payload(page).processes).toHaveLength(2000);
  expect(new ImageSet(dir).tasks()).toHaveLength(2000);
});
