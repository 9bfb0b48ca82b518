// The page on a checkpoint: what it says, what it never does, and how a browser shows it.
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ImageSet } from '@criu/images';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report, reportData, reportHtml } from '../src/index.js';
import { regionStrip, regionsOf } from '../src/report/charts.js';
import { escapeHtml, html, visible } from '../src/report/html.js';
import { sound } from './checkpoint.js';
import { EVIL, hostile } from './hostile.js';
import { goldenSets, scratch, tcpSet } from './support.js';

describe('the data of a report', () => {
  it('has processes, memory, descriptors and sockets of a real checkpoint', () => {
    const data = reportData(tcpSet.images);
    expect(data.processes.map(({ pid, depth, comm }) => [pid, depth, comm])).toEqual([
      [1, 0, 'socket-tcp4v6-c'],
      [5, 1, 'socket-tcp4v6-c'],
      [6, 2, 'socket-tcp4v6-c'],
    ]);
    expect(data.processes[2]!.branches).toEqual([false, false]);
    expect(data.sockets.map(({ state }) => state)).toContain('CLOSING');
    expect(data.mounts[0]!.mounts.map(({ mountpoint, depth }) => `${depth}${mountpoint}`)).toContain(
      '2/dev/pts',
    );
    expect(data.memory.stack.mapped).toBeGreaterThan(0n);
    expect(data.processes[1]!.descriptors.find(({ fd }) => fd === 6)).toMatchObject({
      type: 'inet socket',
      what: 'TCP [::]:8880',
    });
  });

  it('reads the command line out of the memory', () => {
    expect(reportData(hostile().dir).processes[0]!.args).toEqual([EVIL, 'x'.repeat(300)]);
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
    expect(reportHtml(data)).toContain('<b>1 error, 1 warning</b> found in the images');
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
  it('has nothing from outside and no scripts, whatever the images say', () => {
    const page = report(hostile(40).dir);
    expect(page.match(/<(script|img|link|iframe|object|base|form)\b/g)).toBeNull();
    expect(page.match(/(href|src|url\()[^#"]*"?(?!#)(https?:|\/\/)/g)).toBeNull();
    expect([...page.matchAll(/href="(.)/g)].every(([, first]) => first === '#')).toBe(true);
    expect(page).toContain("default-src 'none'");
    // The text is there, and can be seen for what it is.
    expect(page).toContain(escapeHtml(visible(EVIL)));
    expect(page).not.toContain('\u202e');
  });

  it('escapes all values, and makes visible what has no shape', () => {
    expect(html`<a title="${`"><b>'`}">${['<', 1n, undefined, false]}</a>`.text).toBe(
      '<a title="&quot;&gt;&lt;b&gt;&#39;">&lt;1</a>',
    );
    expect(visible('a\u0000\u001b[1m\u202e\udc80\u200bü😀')).toBe('a\\x00\\x1b[1m\\u202e\\x80\\u200bü😀');
  });

  it('puts small regions that are far from each other into one row', () => {
    const page = (start: bigint, size = 4096n) =>
      ({
        start,
        end: start + size,
        size,
        prot: 'rw-',
        kind: 'anonymous',
        what: '',
        stored: 0n,
        inParent: 0n,
        lazy: 0n,
      }) as const;
    const far = [1n, 2n, 3n].map((index) => page(index << 40n));
    const large = page(4n << 40n, 1n << 30n);
    expect(regionsOf([...far, large]).map(({ mappings }) => mappings.length)).toEqual([3, 1]);
    expect(regionsOf([page(0n), page(8192n)])).toHaveLength(1);
    expect(regionsOf([])).toEqual([]);
    // Images may say that a mapping ends before it begins.
    const upside = { ...page(8192n), end: 4096n, size: 0n };
    expect(regionStrip(regionsOf([upside])[0]!).text).not.toContain('NaN');
  });
});

const CHROMIUM = '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
const sizes = [
  { name: 'desktop', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'phone', width: 390, height: 844, colorScheme: 'dark' },
  { name: 'phone-light', width: 390, height: 844, colorScheme: 'light' },
] as const;

describe.skipIf(missing)(`in a browser${missing ? ` (skipped: ${CHROMIUM} is not there)` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-dev-shm-usage',
    ];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  afterAll(() => browser?.close());

  /** Opens a page and runs checks on it; anything it asks for beside itself, or complains about, is a failure. */
  async function open(dir: string, size: (typeof sizes)[number], check: (page: Page) => Promise<void>) {
    const path = join(scratch(), 'report.html');
    writeFileSync(path, report(dir));
    const { width, height, colorScheme } = size;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    page.on('console', (message) => seen.push(message.text()));
    page.on('pageerror', (error) => seen.push(String(error)));
    try {
      await page.goto(pathToFileURL(path).href);
      await check(page);
      expect(seen).toEqual([pathToFileURL(path).href]);
    } finally {
      await page.close();
    }
  }

  /** Widths of what sticks out to the right, beyond what may be scrolled on its own. */
  const overflow = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

  for (const size of sizes) {
    it(`fits on a ${size.name}, folded and unfolded`, async () => {
      await open(tcpSet.images, size, async (page) => {
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(await page.locator('#processes .tree li').count()).toBe(3);
        expect(await page.locator('#sockets tbody tr').count()).toBe(5);
        // Pages were left out of this set, so bars are empty; the strips of address spaces are not.
        const strip = await page.locator('.strip rect').first().boundingBox();
        expect(strip!.width).toBeGreaterThan(0);
        expect(strip!.height).toBeGreaterThan(20);
        // The smallest words can be read.
        const smallest = await page.evaluate(
          `Math.min(...[...document.querySelectorAll('main *')].filter((e) => e.firstChild?.nodeType === 3).map((e) => parseFloat(getComputedStyle(e).fontSize)))`,
        );
        expect(smallest).toBeGreaterThanOrEqual(10);
        await page.evaluate(`document.querySelectorAll('details').forEach((e) => { e.open = true; })`);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        const shots = process.env['CRIT_SHOTS'];
        if (shots !== undefined) {
          mkdirSync(shots, { recursive: true });
          await page.screenshot({ path: join(shots, `${size.name}.png`), fullPage: true });
        }
      });
    });

    it(`shows hostile words as words on a ${size.name}`, async () => {
      await open(hostile(40).dir, size, async (page) => {
        await page.evaluate(`document.querySelectorAll('details').forEach((e) => { e.open = true; })`);
        expect(await page.evaluate('typeof hacked')).toBe('undefined');
        expect(await page.locator('script, img').count()).toBe(0);
        expect(await page.locator('.who b').first().textContent()).toBe(visible(EVIL));
        expect(await overflow(page)).toBeLessThanOrEqual(0);
      });
    });
  }

  it('leads from a process to its address space, which unfolds', async () => {
    await open(tcpSet.images, sizes[0], async (page) => {
      const target = page.locator('#m5');
      expect(await target.getAttribute('open')).toBeNull();
      await target.locator('summary').first().click();
      expect(await target.locator('.strip').first().isVisible()).toBe(true);
    });
  });

  it('has words dark enough, or light enough, to be read', async () => {
    for (const size of sizes.slice(0, 2)) {
      await open(tcpSet.images, size, async (page) => {
        const worst = await page.evaluate(`(() => {
          const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((v) => { const x = v / 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
          const card = light(getComputedStyle(document.querySelector('section')).backgroundColor);
          const ratios = [...document.querySelectorAll('section *')].filter((e) => e.firstChild?.nodeType === 3 && e.firstChild.data.trim() !== '').map((e) => { const l = light(getComputedStyle(e).color); return (Math.max(l, card) + .05) / (Math.min(l, card) + .05); });
          return Math.min(...ratios);
        })()`);
        expect(worst).toBeGreaterThanOrEqual(4);
      });
    }
  });
});

it('keeps deep trees and many processes in bounds', () => {
  const { dir } = hostile(2000);
  const page = report(dir);
  expect(page.length).toBeLessThan(8 << 20);
  expect(new ImageSet(dir).tasks()).toHaveLength(2000);
});
