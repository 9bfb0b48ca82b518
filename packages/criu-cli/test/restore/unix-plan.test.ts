// The steps that make Unix sockets: in an order in which each of them can be done. No root needed.
import type { FdinfoEntry, FileEntry, SkPacketEntry, UnixSkEntry } from '@criu/images';
import { FdTypes } from '@criu/images';
import { expect, test } from 'vitest';
import { type PlanContext, Slot, TaskPlan } from '../../src/engine/plan.js';
import type { AliveTask } from '../../src/images/checkpoint.js';
import { silentLogger } from '../../src/log.js';
import { Refusals } from '../../src/refusals.js';
import { filesRestore } from '../../src/resources/files/restore.js';
import { States } from '../../src/states.js';

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
const STREAM = 1;
const DGRAM = 2;
const LISTEN = 10;
const ESTABLISHED = 1;
const CLOSE = 7;

function socket(id: number, more: Partial<UnixSkEntry>): FileEntry {
  const usk = {
    id,
    ino: 100 + id,
    type: STREAM,
    state: ESTABLISHED,
    flags: 2,
    uflags: 0,
    backlog: 0,
    peer: 0,
    fown,
    opts,
    peer_cred: [],
    connected_by: [],
  };
  return { type: FdTypes.UNIXSK, id, usk: { ...usk, name: Buffer.alloc(0), ...more } };
}

/** Plans tasks with these files; ids are the numbers of the descriptors too. */
function plan(
  files: FileEntry[],
  tasks: Record<number, number[]>,
  queue: { id_for: number; text: string; rights?: number[] }[] = [],
): { lines: (pid: number, phase: 'files' | 'share' | 'fixup') => string[] } {
  const plans = Object.entries(tasks).map(([pid, ids]) => {
    const fds = ids.map((id): FdinfoEntry => ({ id, flags: 0, type: FdTypes.UNIXSK, fd: id }));
    const task = {
      pid: Number(pid),
      sid: 1,
      pgid: 1,
      fds,
      children: [],
      threads: [],
    } as unknown as AliveTask;
    return new TaskPlan(task, { region: 0, base: 0, size: 0 } as never);
  });
  const packets = queue.map(({ id_for, text, rights }) => ({
    entry: { id_for, length: text.length, scm: rights ? [{ type: 1, rights }] : [] } satisfies SkPacketEntry,
    payload: Buffer.from(text),
  }));
  const byId = new Map(files.map((f) => [f.id, f]));
  const ctx = {
    get states(): States<PlanContext> {
      return states;
    },
    checkpoint: {
      files: byId,
      inventory: {},
      remaps: new Map(),
      tasks: plans.map((p) => p.task),
      images: { optional: (kind: string) => (kind === 'SK_QUEUES' ? packets : []) },
      file: (id: number) => byId.get(id)!,
    },
    options: { imagesDir: '' },
    log: silentLogger,
    refusals: new Refusals(),
    tasks: plans,
    taskOf: (pid: number) => plans.find((p) => p.pid === pid),
    cleanup: () => undefined,
    prepare: () => undefined,
    afterPhase: () => undefined,
    waitAfter: () => undefined,
    openSlot: (name: string) => new Slot(name),
  } as unknown as PlanContext;
  const states = new States(ctx);
  filesRestore.plan(ctx);
  return {
    lines: (pid, phase) =>
      plans
        .find((p) => p.pid === pid)!
        .steps(phase)
        .flatMap((s) => ('describe' in s.program ? s.program.describe() : []))
        .map((l) => `${l.call.replace(/\(.*/, '')} ${l.label ?? ''}`.trim()),
  };
}

function index(lines: string[], what: RegExp): number {
  const found = lines.findIndex((line) => what.test(line));
  expect(found, `${what} in\n${lines.join('\n')}`).toBeGreaterThanOrEqual(0);
  return found;
}

const name = (text: string) => Buffer.from(`${text}\0`);

test('the two ends of a pair are made by one task, and the other takes its end', () => {
  const files = [socket(3, { peer: 104 }), socket(4, { peer: 103 })];
  const { lines } = plan(files, { 10: [3], 11: [4] });
  expect(lines(10, 'files').filter((l) => l.startsWith('socketpair'))).toHaveLength(1);
  expect(lines(11, 'files')).toEqual([]);
  expect(lines(11, 'share')).toContain('dup3 take unix 4');
});

test('a pair gets what socketpair(2) does not give it, and nothing else', () => {
  const asMade = { ...opts, so_priority: 0, so_rcvlowat: 1 };
  const other = { ...opts, so_priority: 3, so_rcvlowat: 7 };
  const late = (
    a: Partial<UnixSkEntry>,
    b: Partial<UnixSkEntry>,
    queue: { id_for: number; text: string }[] = [],
  ) =>
    plan([socket(3, { peer: 104, ...a }), socket(4, { peer: 103, ...b })], { 10: [3, 4] }, queue).lines(
      10,
      'fixup',
    );
  const buffers = (fd: number) => [`setsockopt option 32 of fd ${fd}`, `setsockopt option 33 of fd ${fd}`];
  const [three, four] = [260, 261];
  expect(late({ opts: asMade }, { opts: asMade })).toEqual([...buffers(three), ...buffers(four)]);
  expect(late({ opts: other, flags: 0o4002 }, { opts: asMade })).toEqual([
    `setsockopt option 12 of fd ${three}`,
    `setsockopt option 18 of fd ${three}`,
    ...buffers(three),
    'fcntl',
    ...buffers(four),
  ]);
  const filled = late({ opts: asMade }, { opts: asMade }, [{ id_for: 4, text: 'x' }]);
  expect(filled.filter((l) => l.startsWith('sendmsg'))).toEqual(['sendmsg queue of file 4']);
});

test('sockets of a pair that have a name get all that they had', () => {
  const named = { opts: { ...opts, so_priority: 0, so_rcvlowat: 1 }, name: name('/nonexistent/a') };
  const files = [socket(3, { peer: 104, ...named }), socket(4, { peer: 103 })];
  const late = plan(files, { 10: [3, 4] }).lines(10, 'fixup');
  for (const option of [12, 18]) index(late, new RegExp(`option ${option} of`));
  expect(late.filter((l) => l === 'fcntl')).toHaveLength(2);
});

test('a listener is bound and listens before anybody connects, accepted ones come before those that wait', () => {
  const listener = socket(3, { state: LISTEN, backlog: 5, name: name('/nonexistent/l') });
  const accepted = socket(4, { peer: 105, name: name('/nonexistent/l') });
  const client = socket(5, { peer: 104 });
  const waiting = socket(6, { peer: 103 });
  const { lines } = plan([waiting, client, accepted, listener], { 10: [6, 5, 4, 3] });
  const made = lines(10, 'files');
  expect(made.filter((l) => l.startsWith('bind'))).toEqual(['bind bind /nonexistent/l']);
  const order = [/^bind/, /^listen/, /^connect connect Unix socket 5 to 3/, /^accept4 accept Unix socket 4/];
  const places = order.map((what) => index(made, what));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  index(lines(10, 'fixup'), /connect Unix socket 6 to 3/);
});

test('datagram sockets have their queues before anybody is connected, and are connected to before they connect themselves', () => {
  const a = socket(3, { type: DGRAM, state: CLOSE, peer: 104, name: name('/nonexistent/a') });
  const b = socket(4, { type: DGRAM, state: CLOSE, peer: 105, name: name('/nonexistent/b') });
  const c = socket(5, { type: DGRAM, state: CLOSE, name: name('/nonexistent/c') });
  const { lines } = plan([b, c, a], { 10: [4, 5, 3] }, [{ id_for: 4, text: 'x' }]);
  const late = lines(10, 'fixup');
  const order = [/^sendmsg queue of file 4/, /connect Unix socket 3 to 4/, /connect Unix socket 4 to 5/];
  const places = order.map((what) => index(late, what));
  expect(places).toEqual([...places].sort((a1, b1) => a1 - b1));
});

test('whoever fills a queue has the files that are in flight there, also when they are in flight only', () => {
  const files = [
    socket(3, { peer: 104 }),
    socket(4, { peer: 103 }),
    socket(5, { peer: 106 }),
    socket(6, { peer: 105 }),
    { type: FdTypes.EVENTFD, id: 7, efd: { id: 7, flags: 2, fown, counter: 1n } },
  ];
  // The event is in the queue of 6, which is in the queue of 4 and nowhere else.
  const { lines } = plan(files, { 10: [3, 4], 11: [5] }, [
    { id_for: 4, text: 'r', rights: [6] },
    { id_for: 6, text: 'e', rights: [7] },
  ]);
  index(lines(11, 'files'), /^eventfd2/);
  index(lines(11, 'fixup'), /^sendmsg queue of file 6/);
  index(lines(10, 'share'), /take unix 6/);
  index(lines(10, 'fixup'), /^sendmsg queue of file 4/);
});

test('one whose peer is gone is filled by a stand-in that goes too', () => {
  const { lines } = plan([socket(3, { shutdown: 3 })], { 10: [3] }, [{ id_for: 3, text: 'last' }]);
  index(lines(10, 'files'), /^socketpair Unix socket 3, whose peer is gone/);
  const late = lines(10, 'fixup');
  expect(index(late, /^sendmsg/)).toBeLessThan(index(late, /^close/));
});

test('a peer that the checkpoint does not have is an error that names both', () => {
  expect(() => plan([socket(3, { peer: 999 })], { 10: [3] })).toThrow(/103 is connected to 999/);
});
