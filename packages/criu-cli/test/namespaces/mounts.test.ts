// Mount namespaces: tasks find the mounts that they had, with what is in them, and nothing of it reaches the host.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { readImageSync, writeImageSync } from '@criu/images';
import { close, sys } from '@criu/native';
import { F_DUPFD_CLOEXEC } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../src/notify.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';
import { type Checkpointer, cycle, free, ours, theirs } from './cycle.js';

afterAll(cleanUp);

const OWN = ['unshare', '--mount', '--propagation', 'private'];
const KINDS = ['content', 'binds', 'propagation', 'files', 'several'];

const hostMounts = () =>
  readFileSync('/proc/self/mountinfo', 'latin1')
    .split('\n')
    .filter((line) => line.includes(scratch()));

function freeHugePages(): number {
  const file = '/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages';
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

/** A log that keeps what is said, and what of that a rehearsal says of its failure. */
function notes() {
  const said: string[] = [];
  const note = (message: string) => void said.push(message);
  const log = { level: 4, error: note, warn: note, info: note, debug: note } as const;
  return { log, said, complaints: () => said.filter((message) => message.startsWith('rehearsal:')) };
}

async function withVictim(
  kind: string,
  use: (victim: Victim, place: string) => Promise<void>,
  more: Record<string, string> = {},
): Promise<void> {
  const place = mkdtempSync(join(scratch(), `${kind}-`));
  const name = KINDS.includes(kind) ? 'mounts' : kind;
  const source = new URL(`victims/${name}.c`, import.meta.url);
  const wrapper = kind === 'beside-host' ? [] : OWN;
  const victim = await Victim.start(name, { KIND: kind, PLACE: place, ...more }, source, wrapper);
  try {
    await use(victim, place);
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}

async function cycles(
  kind: string,
  dumper?: Checkpointer,
  restorer?: Checkpointer,
  rounds = 2,
  env: Record<string, string> = {},
): Promise<void> {
  await withVictim(
    kind,
    async (victim) => {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < rounds; i++) {
        await cycle(victim, dumper, restorer);
        expect(await victim.verify()).toBe('ok');
      }
      expect(hostMounts()).toEqual([]);
    },
    env,
  );
}

describe.skipIf(!isRoot)('a mount namespace (needs root)', () => {
  it('comes back with files in memory, covered ones too, and flags', () => cycles('content'));
  it('is rehearsed as a whole before its tasks are stopped', () =>
    withVictim('content', async (victim) => {
      const { log, said, complaints } = notes();
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true, log });
      expect(complaints()).toEqual([]);
      expect(said).toContain('Dumping finished successfully');
    }));

  it('is rehearsed beside those of other kinds, up to the plan of a restore', async () => {
    const place = mkdtempSync(join(scratch(), 'all-'));
    const source = new URL('victims/mounts.c', import.meta.url);
    const victim = await Victim.start('mounts', { KIND: 'content', PLACE: place }, source, [
      ...OWN,
      '--uts',
      '--ipc',
      '--net',
      '--cgroup',
    ]);
    try {
      // Afterwards it is in a time namespace as well.
      await cycle(victim);
      const { log, complaints } = notes();
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), log, faults: ['describe'] }),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(complaints()).toEqual([]);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
      rmSync(place, { recursive: true, force: true });
    }
  });

  it('comes back with binds of folders and files, and of what has been removed', () => cycles('binds'));
  it('comes back with peers, slaves and mounts that nobody can clone', () => cycles('propagation'));
  it('comes back with open files, watches and sockets on its mounts', () => cycles('files'));
  it('comes back beside that of a child, with what both share', () => cycles('several'));

  it('comes back with files on its mounts that are in flight', () => cycles('in-flight'));

  it('comes back beside that of the host, in which the root task stays', () => cycles('beside-host'));
  it('comes back with terminals on a devpts of its own, and a console', () => cycles('terminals'));

  it('comes back with a terminal on it whose other side whoever restores takes over', () =>
    withVictim('orphan-terminal', async (victim) => {
      const [, pid = 0] = family(victim.pid);
      const dir = freshDir();
      await dump({ pid, imagesDir: dir, shellJob: true });
      await until('the task is gone', () => !existsSync(`/proc/${pid}`));
      let master: number | undefined;
      const notify = ({ action, fd = -1 }: Notification) => {
        if (action !== 'orphan-pts-master') return;
        master = sys('fcntl', fd, F_DUPFD_CLOEXEC, 0);
        return { taken: true };
      };
      await restore({ imagesDir: dir, detached: true, orphanPtsMaster: true, notify });
      try {
        if (master === undefined) throw new Error('no master came');
        writeSync(master, 'hey\n');
        expect(await victim.said()).toBe('ok');
      } finally {
        if (master !== undefined) close(master);
        process.kill(pid, 'SIGKILL');
      }
    }));

  it('comes back without /proc, with what tasks have in there of their own', () =>
    withVictim(
      'own-root',
      async (victim) => {
        const look = () =>
          ['oom_score_adj', 'coredump_filter'].map((name) =>
            readFileSync(`/proc/${victim.pid}/${name}`, 'latin1').trim(),
          );
        expect(look()).toEqual(['321', '0000007f']);
        expect(existsSync(`/proc/${victim.pid}/root/proc/self`)).toBe(false);
        await cycle(victim);
        expect(look()).toEqual(['321', '0000007f']);
      },
      {
        SETUP:
          'echo 321 >/proc/$PPID/oom_score_adj && echo 0x7f >/proc/$PPID/coredump_filter && umount -l /proc',
      },
    ));

  it.each([
    ['on a file system in memory', {}],
    ['on a disk', { DISK: '1' }],
    ['watched (inotify)', { WATCH: '1' }],
  ])('comes back with open files that other mounts cover, %s', (_, env) =>
    cycles(
      'covered',
      { ...ours, dump: async (pid, imagesDir) => void (await dump({ pid, imagesDir, coveredFiles: true })) },
      ours,
      2,
      env,
    ),
  );

  it('with open files that other mounts cover is dumped on demand alone, as CRIU could not restore it', () =>
    withVictim('covered', async (victim) => {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        remedy: expect.stringMatching(/--covered-files/),
      });
      expect(await victim.verify()).toBe('ok');
    }));

  it('comes back with what a removed file has that is mounted, for whoever has it open as well', () =>
    cycles('binds', ours, ours, 2, { FULL: '1' }));

  it.skipIf(freeHugePages() < 6)('comes back with files of huge pages (needs 6 free ones of 2 MiB)', () =>
    cycles('content', ours, ours, 2, { HUGE_FILE: '1' }),
  );

  it.skipIf(freeHugePages() < 6)('tells that there is too little room for files of huge pages', () =>
    withVictim(
      'content',
      async (victim) => {
        const dir = freshDir();
        const pids = family(victim.pid);
        await dump({ pid: victim.pid, imagesDir: dir });
        await free(pids);
        const name = readdirSync(dir).find((file) => file.startsWith('mountpoints-')) ?? '';
        const good = readImageSync(join(dir, name), 'MNTS');
        const small = good.map(({ entry }) => ({
          entry: entry.fsname === 'hugetlbfs' ? { ...entry, options: `${entry.options},size=2M` } : entry,
        }));
        writeImageSync(join(dir, name), 'MNTS', small);
        await expect(restore({ imagesDir: dir, detached: true })).rejects.toMatchObject({
          message: expect.stringMatching(/files of huge pages cannot be filled/),
          remedy: expect.stringMatching(/hugepages-2048kB/),
        });
        writeImageSync(join(dir, name), 'MNTS', good);
        await restore({ imagesDir: dir, detached: true });
        expect(await victim.verify()).toBe('ok');
      },
      { HUGE_FILE: '1' },
    ),
  );

  it('comes back with a mount that fanotify watches, also where images, as those of CRIU, have only its number', () =>
    withVictim('marked-mount', async (victim) => {
      expect(await victim.verify()).toBe('ok');
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const name = join(dir, 'files.img');
      const plain = readImageSync(name, 'FILES').map(({ entry }) => ({
        entry: {
          ...entry,
          ...(entry.ffy
            ? {
                ffy: {
                  ...entry.ffy,
                  mark: entry.ffy.mark.map((one) => ({ ...one, me: { mnt_id: one.me?.mnt_id ?? 0 } })),
                },
              }
            : {}),
        },
      }));
      writeImageSync(name, 'FILES', plain);
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    }));

  it('with an external idmapped mount comes back with its map of ids, twice', () =>
    withVictim('idmapped', async (victim, place) => {
      const { log, said } = notes();
      const source = mkdtempSync(join(scratch(), 'source-'));
      writeFileSync(join(source, 'file'), '', { mode: 0o600 });
      for (let i = 0; i < 2; i++) {
        const imagesDir = freshDir();
        const pids = family(victim.pid);
        await dump({ pid: victim.pid, imagesDir, external: [`mnt[${place}/mapped]:data`], log });
        await free(pids);
        await restore({ imagesDir, external: [`mnt[data]:${source}`], detached: true });
        // Before Linux 6.15 nobody tells the map.
        const untold = said.some((message) => message.includes('does not tell the map of ids'));
        expect(await victim.verify()).toBe(untold ? 'its map is gone' : 'ok');
        if (untold) break;
      }
      expect(statSync(join(source, 'file')).uid).toBe(0);
      expect(hostMounts()).toEqual([]);
    }));

  it('with an idmapped mount is refused, which would show files of other owners', () =>
    withVictim('idmapped', async (victim, place) => {
      expect(await victim.verify()).toBe('ok');
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/an idmapped mount/),
        object: { file: `${place}/mapped` },
        remedy: expect.stringMatching(/--external mnt\[/),
      });
      expect(await victim.verify()).toBe('ok');
    }));

  it('is left as it was when the dump fails', () =>
    withVictim('several', async (victim) => {
      for (const point of ['collect', 'describe', 'write'])
        await expect(
          dump({ pid: victim.pid, imagesDir: freshDir(), faults: [point] }),
          point,
        ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await victim.verify()).toBe('ok');
    }));

  it('leaves nothing on the host when a restore fails, and images whose mounts lead elsewhere are refused', () =>
    withVictim('several', async (victim, place) => {
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const listed = readdirSync(place).sort();
      for (const point of ['namespaces', 'files', 'commit']) {
        await expect(restore({ imagesDir: dir, detached: true, faults: [point] })).rejects.toMatchObject({
          code: 'INTERNAL',
        });
        await free(pids);
        expect(hostMounts()).toEqual([]);
        expect(readdirSync(place).sort()).toEqual(listed);
      }
      const name = readdirSync(dir).find((file) => file.startsWith('mountpoints-'))!;
      const good = readImageSync(join(dir, name), 'MNTS');
      const changed = (change: (entry: (typeof good)[number]['entry']) => object) => {
        const entries = structuredClone(good);
        const last = entries.find(({ entry }) => entry.mountpoint === join(place, 'mine'))!;
        Object.assign(last.entry, change(last.entry));
        writeImageSync(join(dir, name), 'MNTS', entries);
        return restore({ imagesDir: dir, detached: true });
      };
      for (const [change, reason] of [
        [() => ({ mountpoint: `${place}/../escape` }), /not a plain path/],
        [() => ({ mountpoint: `${place}/nul\0byte` }), /zero byte/],
        [() => ({ root: '/../../etc' }), /not a plain path/],
        [({ mnt_id }: { mnt_id: number }) => ({ parent_mnt_id: mnt_id }), /no parent/],
        [() => ({ parent_mnt_id: 999_999 }), /no parent/],
        [() => ({ mountpoint: '/elsewhere' }), /./],
      ] as const) {
        await expect(changed(change as never)).rejects.toThrow(reason);
        await free(pids);
      }
      writeImageSync(join(dir, name), 'MNTS', good);
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
      expect(hostMounts()).toEqual([]);
    }));

  // CRIU 4.2 cannot restore these, its own images neither: it takes no root that is the machine's unless --root names a mount.
  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    for (const kind of [...KINDS, 'terminals']) {
      // Its archives have no attributes of files.
      it(`we restore what it dumped (${kind})`, () => cycles(kind, theirs, ours, 1, { PLAIN: '1' }));
    }
  });
});
