// Files that are alike but for their numbers take the steps of two of them.
import type { FdinfoEntry, FileEntry, PipeDataEntry } from '@criu/images';
import { FdTypes } from '@criu/images';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type PlanContext, TaskPlan } from '../../src/engine/plan.js';
import type { AliveTask } from '../../src/images/checkpoint.js';
import { silentLogger } from '../../src/log.js';
import { Refusals } from '../../src/refusals.js';
import { pipeRestore } from '../../src/resources/files/pipe/restore.js';
import { regularRestore } from '../../src/resources/files/regular/restore.js';
import { filesRestore } from '../../src/resources/files/restore.js';
import { unixRestore } from '../../src/resources/files/unix/restore.js';
import { States } from '../../src/states.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';

afterAll(cleanUp);
afterEach(() => {
  vi.restoreAllMocks();
});

const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
const opts = {
  so_sndbuf: 212992,
  so_rcvbuf: 212992,
  so_snd_tmo_sec: 0n,
  so_snd_tmo_usec: 0n,
  so_rcv_tmo_sec: 0n,
  so_rcv_tmo_usec: 0n,
  so_filter: [],
  more_bytes: [],
  more: [],
};

/** Files in groups of six, with ids from 1 on: two of a path, a pipe, and a connected pair of Unix sockets. */
function six(group: number): FileEntry[] {
  const [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6].map((i) => group * 6 + i) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const reg = (id: number, name: string) => ({
    id,
    flags: 0,
    pos: BigInt(group % 3),
    fown,
    name,
    build_id: [],
  });
  const pipe = (id: number, flags: number) => ({ id, pipe_id: 1000 + group, flags, fown });
  const usk = (id: number, ino: number, peer: number) => ({
    ...{
      id,
      ino,
      type: 1,
      state: 1,
      flags: group % 4 === 1 ? 0o4002 : 2,
      uflags: 0,
      backlog: 0,
      peer,
      fown,
      opts,
    },
    ...{ peer_cred: [], connected_by: [], name: Buffer.alloc(0) },
  });
  return [
    { type: FdTypes.REG, id: a, reg: reg(a, '/dev/null') },
    { type: FdTypes.REG, id: b, reg: reg(b, '/etc/passwd') },
    { type: FdTypes.PIPE, id: c, pipe: pipe(c, 0) },
    { type: FdTypes.PIPE, id: d, pipe: pipe(d, group % 4 === 2 ? 0o4001 : 1) },
    { type: FdTypes.UNIXSK, id: e, usk: usk(e, 5000 + e, 5000 + f) },
    { type: FdTypes.UNIXSK, id: f, usk: usk(f, 5000 + f, 5000 + e) },
  ];
}

const MANY = 20;

/** The steps of one task that has all of them. */
function lines(contents: readonly PipeDataEntry[] = []): string[] {
  const files = Array.from({ length: MANY }, (_, group) => six(group)).flat();
  const fds = files.map(({ id, type }): FdinfoEntry => ({ id, flags: id % 2, type, fd: id }));
  const task = { pid: 10, sid: 1, pgid: 1, fds, children: [], threads: [] } as unknown as AliveTask;
  const plan = new TaskPlan(task, { region: 0, base: 0, size: 0 } as never);
  const pipes = contents.map((entry) => ({ entry, payload: Buffer.alloc(entry.bytes, 'x') }));
  const images = { optional: (kind: string) => (kind === 'PIPES_DATA' ? pipes : []), has: () => false };
  const ctx = {
    get states(): States<PlanContext> {
      return states;
    },
    checkpoint: {
      files: new Map(files.map((file) => [file.id, file])),
      inventory: {},
      remaps: new Map(),
      tasks: [task],
      images,
    },
    options: { imagesDir: '' },
    log: silentLogger,
    refusals: new Refusals(),
    tasks: [plan],
    root: plan,
    taskOf: () => plan,
    expect: () => undefined,
    prepare: () => undefined,
  } as unknown as PlanContext;
  const states = new States(ctx);
  filesRestore.plan(ctx);
  ctx.refusals.settle();
  return (['files', 'place', 'fixup'] as const).flatMap((phase) =>
    plan
      .steps(phase)
      .flatMap(({ program }) => ('describe' in program ? program.describe() : []))
      // Numbers of steps say where they stand in their program.
      .map(({ call, label }) => `${phase}: ${call.replace(/\$\d+/g, '$')} ${label ?? ''}`),
  );
}

describe('files that are alike', () => {
  const kinds = [regularRestore, pipeRestore, unixRestore];
  it.each([
    ['without contents', []],
    [
      'with contents of some',
      [3, 4, 7, 11].map((i) => ({ pipe_id: 1000 + i, bytes: i, size: 8192, packets: [] })),
    ],
  ])('take the steps that each would take by itself, %s', (_, contents) => {
    const made = kinds.map((kind) => vi.spyOn(kind, 'make'));
    const alike = lines(contents);
    // Texts of the plan above have called it, too.
    vi.restoreAllMocks();
    for (const kind of kinds) vi.spyOn(kind, 'sort').mockReturnValue(undefined);
    expect(alike).toEqual(lines(contents));
    expect(made.every(({ mock }) => mock.calls.length > 0)).toBe(true);
  });

  it('are planned once or twice for each sort', () => {
    const looks = vi.spyOn(TaskPlan.prototype, 'extent');
    lines();
    const sorts = 3 * 2 + 2 + 2 + 2;
    expect(looks.mock.calls.length).toBeLessThanOrEqual(2 * 2 * sorts);
    expect(looks.mock.calls.length).toBeGreaterThan(0);
  });

  it.skipIf(!isRoot)('come back as themselves (needs root)', async () => {
    const victim = await Victim.start('alike', {}, new URL('victims/alike.c', import.meta.url));
    try {
      await roundTrip(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
