// Overlays whose layers are in the tree, as an engine in a container has them: on a tmpfs, on each other, in several mount namespaces.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';
import { cycle } from './cycle.js';

afterAll(cleanUp);

const OWN = ['unshare', '--mount', '--propagation', 'private'];
/** More than fsconfig(2) takes in one value. */
const MANY = Array.from({ length: 12 }, (_, i) => `layer-with-a-rather-long-name-${i}`);

const SETUP = `
cd $PLACE && mount -t tmpfs place . && cd . && cd $PLACE
mkdir lower upper work merged top many ${MANY.join(' ')}
echo low > lower/kept; echo low > lower/changed; echo low > lower/removed; mkdir lower/folder; echo low > lower/folder/old
mount -t overlay o -o lowerdir=$PLACE/lower,upperdir=$PLACE/upper,workdir=$PLACE/work merged
echo up > merged/changed; rm merged/removed; rm -r merged/folder; mkdir merged/folder; echo up > merged/folder/new
mount -t overlay o2 -o lowerdir=$PLACE/merged:$PLACE/lower top
echo many > ${MANY[5]}/file
mount -t overlay o3 -o lowerdir=${MANY.map((name) => `$PLACE/${name}`).join(':')} many 2>/dev/null || true
mkdir merged/folder/in; mount -t tmpfs in merged/folder/in; echo deep > merged/folder/in/file
mkdir com,ma work4 m4
mount -t overlay o4 -o "lowerdir=$PLACE/lower,upperdir=$PLACE/com\\,ma,workdir=$PLACE/work4" m4; echo up > m4/written
mkdir bound; mount --bind merged/folder bound
`;

async function withVictim(setup: string, use: (victim: Victim, place: string) => Promise<void>) {
  const place = mkdtempSync(join(scratch(), 'overlay-'));
  const env = { PLACE: place, SETUP: setup, ELSEWHERE: '1' };
  const source = new URL('victims/own-root.c', import.meta.url);
  const victim = await Victim.start('own-root', env, source, OWN);
  try {
    await use(victim, place);
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}

/** Mounts below a folder as a task has them, without what the kernel numbers. */
function mountsOf(pid: number, place: string): string[] {
  return readFileSync(`/proc/${pid}/mountinfo`, 'latin1')
    .split('\n')
    .filter((line) => line.includes(` ${place}`))
    .map((line) => line.replace(/^\S+ \S+ \S+ /, '').replace(/(shared|master):\d+/, '$1'))
    .map((line) =>
      line.replace(/lowerdir\+?=([^,]*)(,lowerdir\+=([^,]*))*/, (all) =>
        all.replaceAll(',lowerdir+=', ':').replace('+', ''),
      ),
    )
    .sort();
}

/** What is seen below the folder. */
function look(pid: number, place: string): object {
  const inside = `/proc/${pid}/root${place}`;
  const text = (name: string) => readFileSync(join(inside, name), 'utf8').trim();
  const list = (name: string) => readdirSync(join(inside, name)).sort();
  return {
    mounts: mountsOf(pid, place),
    merged: list('merged'),
    folder: list('merged/folder'),
    bound: list('bound'),
    top: list('top'),
    many: list('many'),
    texts: [
      'merged/kept',
      'merged/changed',
      'merged/folder/new',
      'merged/folder/in/file',
      'top/changed',
      'm4/written',
      'com,ma/written',
    ].map(text),
  };
}

describe.skipIf(!isRoot)('overlays with layers in the tree (needs root)', () => {
  it('come back, each behind those that it lies on, in all namespaces', () =>
    withVictim(SETUP, async (victim, place) => {
      await until('the child is elsewhere', () => {
        const [own, other] = family(victim.pid).map((pid) => readlinkSync(`/proc/${pid}/ns/mnt`));
        return other !== undefined && own !== other;
      });
      const [, child = 0] = family(victim.pid);
      const before = [look(victim.pid, place), look(child, place)];
      expect(before[0]).toMatchObject({
        merged: ['changed', 'folder', 'kept'],
        folder: ['in', 'new'],
        texts: ['low', 'up', 'up', 'deep', 'up', 'up', 'up'],
      });
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        const [, again = 0] = family(victim.pid);
        expect([look(victim.pid, place), look(again, place)]).toEqual(before);
      }
      // They are overlays again, not what they showed.
      const root = `/proc/${victim.pid}/root${place}`;
      writeFileSync(join(root, 'merged/written'), 'later');
      expect(readFileSync(join(root, 'upper/written'), 'utf8')).toBe('later');
    }));

  it.each([
    [
      'where the kernel does not tell which folders the layers are',
      'lowerdir=lower:other',
      /an overlay whose layer lower is named relative to a folder/,
    ],
    [
      'where the kernel mounts layers only once (volatile)',
      'volatile,lowerdir=$PLACE/lower,upperdir=$PLACE/other,workdir=$PLACE/work',
      /an overlay that is not synchronised \(volatile\)/,
    ],
  ])('are refused %s, and the tasks run on', (_, options, message) =>
    withVictim(
      `cd $PLACE && mount -t tmpfs place . && cd $PLACE && mkdir lower other work merged && mount -t overlay o -o ${options} $PLACE/merged`,
      async (victim, place) => {
        await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          message: expect.stringMatching(message),
          object: { file: `${place}/merged` },
          remedy: expect.stringMatching(/--external mnt\[/),
        });
        expect(mountsOf(victim.pid, place)).toHaveLength(2);
      },
    ),
  );
});
