// A network device of a kind that nobody here knows is offered to plugins. No kernel has to know such a kind.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NdType } from '@criu/images';
import { Attributes, type Link } from '@criu/native/netlink';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Plugins } from '../../src/plugins/index.js';
import { describeDevice } from '../../src/resources/namespaces/net/dump.js';
import { cleanUp, scratch } from '../dump/victim.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);
afterEach(() => {
  for (const name of ['CALLS', 'HOOK', 'MODE', 'ONLY']) delete process.env[name];
});

const kit = fileURLToPath(new URL('kit', import.meta.url));
const link: Link = {
  index: 7,
  arpType: 1,
  flags: 0,
  name: 'odd0',
  mtu: 1500,
  kind: 'unheard-of',
  data: undefined,
  attributes: Attributes.parse(Buffer.alloc(0)),
};

function pluginIn(language: string): string {
  if (language === 'module') return join(kit, 'hooks.mjs');
  const path = join(scratch(), 'links.so');
  execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', path, join(kit, 'hooks.c')]);
  return path;
}

async function describeWith(language: string) {
  const options = { imagesDir: freshDir(), plugins: [pluginIn(language)], pluginTimeout: 1 };
  const hooks = await Plugins.start('dump', options);
  try {
    return await describeDevice({ hooks }, link, undefined, false);
  } finally {
    await hooks.finish(false, true).catch(() => undefined);
  }
}

it.each(['C', 'module'])('a plugin in %s takes it on: it comes from outside', async (language) => {
  process.env.CALLS = join(scratch(), `links-${language}`);
  expect(await describeWith(language)).toMatchObject({ type: NdType.EXTLINK });
  expect(readFileSync(process.env.CALLS, 'utf8')).toMatch(/^DUMP_EXT_LINK 7$/m);
  rmSync(process.env.CALLS);
});

it('a plugin that does not want it leaves the refusal as it is', async () => {
  process.env.ONLY = 'nothing';
  await expect(describeWith('C')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/unheard-of/),
  });
});

it.each(['C', 'module'].flatMap((language) => ['fail', 'hang', 'crash'].map((mode) => [language, mode])))(
  'a plugin in %s that does %s is told as what it is',
  async (language, mode) => {
    Object.assign(process.env, { HOOK: 'DUMP_EXT_LINK', MODE: mode });
    await expect(describeWith(language ?? '')).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  },
);
