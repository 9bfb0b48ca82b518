// The page of `crit report` in Chromium: it fits, it can be searched, filtered, folded and walked by keyboard, nothing comes from
// outside, hostile names stay words, and axe-core finds nothing serious.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchOptions, screens } from '../../../../tools/browser.mjs';
import { report } from '../../src/index.js';
import { visible } from '../../src/report/html.js';
import { EVIL, hostile } from '../hostile.js';
import { scratch, tcpSet } from '../support.js';

const axe = readFileSync(process.env['AXE_CORE'] ?? '', 'utf8');
const shots = process.env['SHOTS'];
let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(launchOptions(process.env['CHROMIUM']));
});
afterAll(() => browser?.close());

type Screen = (typeof screens)[number];

/** Opens a page and runs checks on it; anything it asks for beside itself, or complains about, is a failure. */
async function open(dir: string, screen: Screen, check: (page: Page) => Promise<void>, hash = '') {
  const path = join(scratch(), 'report.html');
  writeFileSync(path, report(dir));
  const { width, height, colorScheme } = screen;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: colorScheme as 'light' | 'dark',
  });
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url()));
  page.on('console', (message) => seen.push(message.text()));
  page.on('pageerror', (error) => seen.push(String(error)));
  try {
    await page.goto(`${pathToFileURL(path).href}${hash}`);
    await page.locator('html.ready').waitFor({ state: 'attached' });
    await check(page);
    expect(seen.map((url) => url.replace(/#.*/, ''))).toEqual([pathToFileURL(path).href]);
  } finally {
    await page.close();
  }
}

/** Pixels that stick out to the right. */
const overflow = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

async function shoot(page: Page, name: string, fullPage = true): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
}

/** Serious and critical violations that axe-core finds. */
async function violations(page: Page): Promise<string[]> {
  // The page allows no script but its own; this one is put in by the browser's debugger.
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

const [desktop] = screens as [Screen];

describe.each(screens)('on a $name', (screen) => {
  it('fits, has no serious violation, and opens a process', async () => {
    await open(tcpSet.images, screen, async (page) => {
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await page.locator('.process').count()).toBe(3);
      expect(await page.locator('#connections-data tbody tr').count()).toBe(4);
      expect(await page.locator('#descriptors-data tbody tr').count()).toBe(17);
      expect(await violations(page)).toEqual([]);
      await shoot(page, screen.name);
      await page.locator('.process').nth(1).click();
      const sheet = page.locator('dialog[open]');
      expect(await sheet.locator('h2').textContent()).toMatch(/^socket-tcp4v6-c 5/);
      for (const part of await sheet.locator('details').all()) await part.locator('summary').first().click();
      await sheet.locator('.strip').first().waitFor();
      expect(
        await sheet.evaluate((element) => element.scrollWidth - element.clientWidth),
      ).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      await shoot(page, `${screen.name}-process`, false);
    });
  });

  it('shows hostile words as words', async () => {
    await open(hostile(40).dir, screen, async (page) => {
      expect(await page.locator('.process b').first().textContent()).toBe(visible(EVIL));
      await page.locator('.process').first().click();
      for (const part of await page.locator('dialog details').all())
        await part.locator('summary').first().click();
      expect(await page.evaluate('typeof hacked')).toBe('undefined');
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.locator('script').count()).toBe(2);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
    });
  });
});

describe('the tree', () => {
  it('is searched, and keeps those above what is found', async () => {
    await open(hostile(40).dir, desktop, async (page) => {
      await page.locator('#processes-search').fill('17 uid');
      expect(await page.locator('#processes .count').textContent()).toBe('1 of 40 processes');
      expect(await page.locator('.process').count()).toBe(17);
      expect(await page.locator('.process.dim').count()).toBe(16);
      await page.locator('#processes-search').fill('no such thing');
      expect(await page.locator('#processes .none').isVisible()).toBe(true);
    });
  });

  it('is folded by the mouse and by the keyboard', async () => {
    await open(tcpSet.images, desktop, async (page) => {
      const rows = page.locator('.process');
      await rows.nth(1).locator('.chevron').click();
      expect(await rows.count()).toBe(2);
      expect(await rows.nth(1).getAttribute('aria-expanded')).toBe('false');
      await page.keyboard.press('ArrowRight');
      expect(await rows.count()).toBe(3);
      await page.keyboard.press('ArrowDown');
      expect(await page.evaluate('document.activeElement.dataset.pid')).toBe('6');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowLeft');
      expect(await rows.count()).toBe(1);
      await page.getByRole('button', { name: 'Unfold all' }).click();
      expect(await rows.count()).toBe(3);
    });
  });

  it('opens a process with Enter, which Escape closes, and has it in the address', async () => {
    await open(tcpSet.images, desktop, async (page) => {
      await page.locator('.process').first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect(await page.locator('dialog[open]').isVisible()).toBe(true);
      expect(page.url()).toMatch(/#p5$/);
      await page.keyboard.press('Escape');
      expect(await page.locator('dialog[open]').count()).toBe(0);
      expect(page.url()).not.toContain('#');
      await page.keyboard.press('/');
      expect(await page.evaluate('document.activeElement.type')).toBe('search');
    });
    await open(
      tcpSet.images,
      desktop,
      async (page) => {
        expect(await page.locator('dialog h2').textContent()).toMatch(/ 6$/);
        await page.locator('dialog').getByRole('button', { name: 'socket-tcp4v6-c 5' }).first().click();
        expect(await page.locator('dialog h2').textContent()).toMatch(/ 5$/);
      },
      '#p6',
    );
  });

  it('is a list by memory when asked, and shows large ones piece by piece', async () => {
    await open(hostile(700).dir, desktop, async (page) => {
      expect(await page.locator('.process').count()).toBe(300);
      await page.locator('#processes .more').click();
      expect(await page.locator('.process').count()).toBe(700);
      await page.getByRole('button', { name: 'By memory' }).click();
      expect(await page.locator('.process').first().getAttribute('data-pid')).toBe('1');
      expect(await page.locator('.process').first().getAttribute('aria-level')).toBe('1');
    });
  });
});

describe('the tables', () => {
  it('are searched, filtered and sorted', async () => {
    await open(tcpSet.images, desktop, async (page) => {
      const rows = page.locator('#descriptors-data tbody tr');
      await page.locator('#descriptors-search').fill('8880');
      expect(await page.locator('#descriptors-data .count').textContent()).toBe('5 of 17 descriptors');
      await page.locator('#descriptors-process').selectOption('socket-tcp4v6-c 6');
      expect(await rows.count()).toBe(2);
      await page.locator('#descriptors-search').fill('');
      await page.locator('#descriptors-type').selectOption('pipe');
      expect(await rows.count()).toBe(1);
      await page.locator('#descriptors-type').selectOption('');
      await page.locator('#descriptors-process').selectOption('');
      await page.locator('#descriptors-data').getByRole('button', { name: 'FD' }).click();
      expect(await rows.first().locator('td').nth(1).textContent()).toBe('6');
      await page.locator('#connections-kind').selectOption('TCP');
      expect(await page.locator('#connections-data tbody tr').count()).toBe(3);
    });
  });
});

it('says what it can where scripts do not run', async () => {
  const path = join(scratch(), 'report.html');
  writeFileSync(path, report(tcpSet.images));
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(pathToFileURL(path).href);
  expect(await page.locator('noscript pre, pre').first().textContent()).toContain('socket-tcp4v6-c');
  expect(await page.locator('.verdict').first().isVisible()).toBe(true);
  await page.close();
});
