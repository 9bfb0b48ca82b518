// `npm run test:site`: the site that `npm run docs:site` has made, in Chromium at two widths, light and dark: nothing sticks out,
// every link and anchor leads somewhere, the search finds something, and axe-core finds nothing serious, also where the search is
// open. With SHOTS=DIR it leaves screenshots there.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findAxe, findChromium, launchOptions, screens } from './browser.mjs';

const site = fileURLToPath(new URL('../site', import.meta.url));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

if (!existsSync(site)) {
  console.error('test:site: there is no site: npm run docs:site makes it');
  process.exit(1);
}
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://site').pathname);
  const file = join(site, path.endsWith('/') ? `${path}index.html` : path);
  if (!existsSync(file)) response.writeHead(404).end();
  else
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch(launchOptions(findChromium()));
const axe = readFileSync(findAxe(), 'utf8');
const shots = process.env.SHOTS;
/** A machine that has other things to do takes its time. */
const PATIENCE = { timeout: 120_000 };
const faults = [];
const fault = (...words) => faults.push(words.join(' '));

const pages = readdirSync(site, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html') && name !== '404.html')
  .sort();
/** One page of each kind, which is looked at on each screen. */
const LOOKED_AT = [
  'index.html',
  'README.html',
  'docs/cli.html',
  'docs/troubleshooting.html',
  'docs/support.html',
  'api/@criu/soccr.html',
];

const plain = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
const valuesOf = (text, name) =>
  [...text.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value]) => plain(value));

/** Of the links of all pages, what leads nowhere. @returns how many there are */
function links() {
  const texts = new Map(pages.map((name) => [`/${name}`, readFileSync(join(site, name), 'utf8')]));
  const ids = new Map([...texts].map(([name, text]) => [name, new Set(valuesOf(text, 'id'))]));
  let count = 0;
  for (const [name, text] of texts) {
    for (const href of new Set(valuesOf(text, 'href'))) {
      const url = new URL(href, `http://site${name}`);
      if (url.host !== 'site') continue;
      count++;
      let path = decodeURIComponent(url.pathname);
      if (path.endsWith('/')) path += 'index.html';
      const there = ids.get(path);
      const anchor = decodeURIComponent(url.hash.slice(1));
      if (there === undefined && !existsSync(join(site, path)))
        fault(name, 'links to', href, 'which is not there');
      else if (anchor !== '' && !there?.has(anchor)) fault(name, 'links to', href, 'which has no such part');
    }
  }
  return count;
}

/** A page on a screen. What it asks others for, or does wrong, is a fault. */
async function open(screen, name, where) {
  const { width, height, colorScheme } = screen;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.setDefaultTimeout(PATIENCE.timeout);
  page.on('pageerror', (error) => fault(where, String(error)));
  page.on(
    'request',
    (request) =>
      request.url().startsWith(base) ||
      request.url().startsWith('data:') ||
      fault(where, 'asks for', request.url()),
  );
  await page.goto(`${base}/${name}`, { waitUntil: 'networkidle', ...PATIENCE });
  // The page is alive when its switch has a name.
  await page.waitForFunction(
    () => document.querySelector('.VPSwitchAppearance')?.title !== '',
    undefined,
    PATIENCE,
  );
  return page;
}

/** Nothing sticks out, and axe-core finds nothing serious. Leaves a screenshot. */
async function judge(page, where, shot) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) fault(where, `${over} pixels stick out`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ['violations'] }),
  );
  for (const { id, impact, nodes } of violations)
    if (impact === 'serious' || impact === 'critical')
      fault(where, id, nodes.length, nodes[0].html.slice(0, 200));
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${shot.replaceAll('/', '_')}.png`) });
  }
}

async function look(screen, name) {
  const where = `${name} on a ${screen.name}:`;
  const page = await open(screen, name, where);
  await judge(page, where, `${name}-${screen.name}`);
  await page.close();
}

async function search(screen) {
  const where = `the search on a ${screen.name}:`;
  const page = await open(screen, 'index.html', where);
  await page.keyboard.press('Control+k');
  await page.locator('#localsearch-input').fill('PID_IN_USE');
  const found = page.locator('.VPLocalSearchBox .result');
  await found
    .first()
    .waitFor()
    .catch(() => fault(where, 'finds nothing'));
  await judge(page, where, `search-${screen.name}`);
  await page.keyboard.press('Enter');
  await page.waitForURL(/troubleshooting/).catch(() => fault(where, 'Enter leads to', page.url()));
  await page.close();
}

try {
  const count = links();
  for (const screen of screens) {
    for (const name of LOOKED_AT) await look(screen, name);
    await search(screen);
  }
  for (const text of faults) console.error(`test:site: ${text}`);
  console.log(`${pages.length} pages, ${count} links, ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await browser.close();
  server.close();
}
