// Agents started as processes of their own: programs, descriptors, hang-up, spawn.
import { existsSync, readFileSync } from 'node:fs';
import { Agent, AgentGoneError, Mark, Program, ProgramError } from '@criu/compel';
import { close, sys } from '@criu/native';
import { clone_args } from '@criu/native/uapi';
import { expect, test } from 'vitest';

test('a program refers to results, data and descriptors', async () => {
  await using agent = Agent.start();
  const pair = new Int32Array(2);
  sys('pipe2', pair, 0);
  const p = new Program('pipe');
  const pid = p.syscall('getpid', []);
  const text = p.data(Buffer.from('hello'));
  const end = p.fd(pair[1]!);
  const written = p.full('write', [end, text, 5]);
  const area = p.out(64);
  const own = p.syscall('openat', [-100, p.cstring('/proc/self/comm'), 0]);
  const n = p.syscall('read', [own, area, 64]);
  p.sendFd(own);
  const result = await agent.run(p);
  expect(result.value(pid)).toBe(agent.pid);
  expect(result.value(written)).toBe(5);
  expect(result.bytes(area).subarray(0, result.value(n)).toString()).toBe('agent\n');
  const got = Buffer.alloc(5);
  expect(sys('read', pair[0]!, got, 5)).toBe(5);
  expect(got.toString()).toBe('hello');
  expect(result.fds).toHaveLength(1);
  for (const fd of [...pair, ...result.fds]) close(fd);
});

test('a number may be known only when the program is sent, and has a name until then', async () => {
  await using agent = Agent.start();
  let limit = 0;
  const p = new Program('late');
  const sum = p.addOf({ kind: 'late', name: 'the limit', value: () => limit }, 1);
  expect(p.describe()).toEqual([{ call: 'add(the limit, 1)' }]);
  for (limit of [7, -1]) expect((await agent.run(p)).value(sum)).toBe(limit + 1);
});

test('so may a word in memory, and whether steps are left out', async () => {
  await using agent = Agent.start();
  let [left, word] = [0, 0n];
  const p = new Program('late');
  const copied = p.out(16);
  const behind = new Mark();
  p.skipIf({ kind: 'late', name: 'nothing is copied', value: () => left }, behind);
  p.copy(copied, p.u64(5, { kind: 'late', name: 'a word', value: () => word }), 16);
  p.here(behind);
  const both = async () => {
    const bytes = (await agent.run(p)).bytes(copied);
    return [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
  };
  for (word of [2n ** 64n - 1n, 7n]) expect(await both()).toEqual([5n, word]);
  left = 1;
  expect(await both()).toEqual([0n, 0n]);
});

test('a failing step names itself and ends the program', async () => {
  await using agent = Agent.start({ name: 'helper' });
  const p = new Program('open files');
  p.syscall('openat', [-100, p.cstring('/nonexistent/x'), 0], { label: 'open /nonexistent/x' });
  p.syscall('getpid', []);
  const error = await agent.run(p).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ProgramError);
  expect((error as Error).message).toBe('helper: open files: open /nonexistent/x: openat: ENOENT');
});

test('a failing step goes on where it says, which is further down', async () => {
  await using agent = Agent.start();
  const p = new Program('optional file');
  const missing = new Mark();
  const fd = p.syscall('openat', [-100, p.cstring('/nonexistent/x'), 0], { orGoTo: missing });
  p.syscall('close', [fd]);
  p.here(missing);
  const pid = p.syscall('getpid', []);
  const result = await agent.run(p);
  expect(result.value(fd)).toBe(-2);
  expect(result.value(pid)).toBe(agent.pid);
  const q = new Program('nowhere');
  q.syscall('getpid', [], { orGoTo: new Mark() });
  expect(() => q.encode()).toThrow('getpid goes on nowhere when it fails');
});

test('what is between a step and the mark it leads to is left out', async () => {
  await using agent = Agent.start();
  const p = new Program('left out');
  const behind = new Mark();
  const before = p.syscall('getpid', []);
  p.goTo(behind);
  p.syscall('close', [-1]);
  p.here(behind);
  const after = p.syscall('getpid', []);
  const result = await agent.run(p);
  expect([result.value(before), result.value(after)]).toEqual([agent.pid, agent.pid]);
});

test('a descriptor that is not open, or is closed meanwhile, is an error of the program', async () => {
  await using agent = Agent.start({ name: 'helper' });
  const p = new Program('give');
  p.sendFd(99, { label: 'descriptor 99' });
  await expect(agent.run(p)).rejects.toThrow('helper: give: descriptor 99: send_fd: EBADF');
  const q = new Program('give and close');
  const own = q.syscall('openat', [-100, q.cstring('/proc/self/comm'), 0]);
  q.sendFd(own);
  q.syscall('close', [own]);
  await expect(agent.run(q)).rejects.toThrow('give and close');
  const again = new Program('who');
  const self = again.syscall('getpid', []);
  expect((await agent.run(again)).value(self)).toBe(agent.pid);
});

test('an agent spawns another with a pid of our choice', async () => {
  await using parent = Agent.start();
  const { agent: child, remote } = Agent.prepare('child');
  // pid_max may be as low as 32768.
  let wanted = parent.pid > 20000 ? parent.pid - 15000 : parent.pid + 4321;
  while (existsSync(`/proc/${wanted}`)) wanted++;
  const p = new Program('spawn');
  const args = p.data(clone_args.sizeof);
  p.poke(p.at(args, clone_args.exit_signal), 17, 8);
  p.poke(p.at(args, clone_args.set_tid), p.i32(wanted), 8);
  p.poke(p.at(args, clone_args.set_tid_size), 1, 8);
  const pid = p.spawn(args, p.fd(remote));
  expect((await parent.run(p)).value(pid)).toBe(wanted);
  close(remote);
  const q = new Program('who');
  const self = q.syscall('getpid', []);
  const up = q.syscall('getppid', []);
  const result = await child.run(q);
  expect([result.value(self), result.value(up)]).toEqual([wanted, parent.pid]);
  await child.exit();
});

test('a killed agent is an error, not a hang', async () => {
  const agent = Agent.start();
  const p = new Program('sleep');
  p.syscall('pause', []);
  const running = agent.run(p).catch((e: unknown) => e);
  process.kill(agent.pid, 'SIGKILL');
  expect(await running).toBeInstanceOf(AgentGoneError);
  await agent.exit();
});

test('programs kept for the hang-up run when the connection closes', async () => {
  const agent = Agent.start();
  const pair = new Int32Array(2);
  sys('pipe2', pair, 0);
  const p = new Program('say goodbye');
  p.full('write', [p.fd(pair[1]!), p.data(Buffer.from('bye')), 3]);
  await agent.onHangup(0, p);
  await agent.hangUp();
  const got = Buffer.alloc(8);
  expect(sys('read', pair[0]!, got, 8)).toBe(3);
  expect(got.toString('utf8', 0, 3)).toBe('bye');
  for (const fd of pair) close(fd);
  expect(() => readFileSync(`/proc/${agent.pid}/stat`)).toThrow();
});

test('at the hang-up the latest kept runs first, unless it is to be behind; before all others those that are to be first', async () => {
  const agent = Agent.start();
  const pair = new Int32Array(2);
  sys('pipe2', pair, 0);
  const [from = -1, to = -1] = pair;
  const say = (text: string) => {
    const p = new Program(text);
    p.full('write', [p.fd(to), p.data(Buffer.from(text)), text.length]);
    return p;
  };
  agent.keep(1, say('a'), true);
  agent.keep(2, say('B'), true, 'first');
  agent.keep(3, say('c'), true);
  agent.keep(4, say('D'), true, 'first');
  agent.keep(5, say('e'), true);
  agent.keep(6, say('z'), true, 'last');
  agent.keep(7, say('f'), true);
  agent.keep(2, say('B'), true, 'first');
  agent.keep(3, new Program('forget'), false);
  await agent.hangUp();
  const got = Buffer.alloc(8);
  expect(got.toString('latin1', 0, sys('read', from, got, 8))).toBe('BDfeaz');
  for (const fd of pair) close(fd);
});

test('large programs and large replies at the same time do not block each other', async () => {
  await using agent = Agent.start({ bufferBytes: 64 << 20 });
  const bytes = 24 << 20;
  const runs = Array.from({ length: 4 }, (_, i) => {
    const p = new Program('large');
    const area = p.out(bytes);
    p.poke(p.at(area, bytes - 8), i, 8);
    return agent.run(p).then((r) => r.bytes(area).readUInt32LE(bytes - 8));
  });
  expect(await Promise.all(runs)).toEqual([0, 1, 2, 3]);
});

test('of a chain, nothing is run behind a program that fails; quiet ones answer only then', async () => {
  await using agent = Agent.start({ name: 'helper' });
  const pair = new Int32Array(2);
  sys('pipe2', pair, 0);
  const [from = -1, to = -1] = pair;
  const say = (text: string) => {
    const p = new Program(text);
    p.full('write', [p.fd(to), p.data(Buffer.from(text)), text.length]);
    return p;
  };
  const wrong = new Program('wrong');
  wrong.syscall('openat', [-100, wrong.cstring('/nonexistent/x'), 0], { label: 'open' });
  const chain = agent.newChain();
  const answers = await Promise.allSettled([
    agent.follow(chain, say('a'), true),
    agent.follow(chain, say('b')),
    agent.follow(chain, wrong, true),
    agent.follow(chain, say('c'), true),
    agent.follow(chain, say('d')),
    // Others are run, of whatever chain.
    agent.follow(agent.newChain(), say('e')),
    agent.run(say('f')),
  ]);
  expect(
    answers.map((one) => (one.status === 'fulfilled' ? typeof one.value : (one.reason as Error).message)),
  ).toEqual([
    'undefined',
    'object',
    'helper: wrong: open: openat: ENOENT',
    'helper: c: not run',
    'helper: d: not run',
    'object',
    'object',
  ]);
  const got = Buffer.alloc(8);
  expect(sys('read', from, got, 8)).toBe(4);
  expect(got.toString('utf8', 0, 4)).toBe('abef');
  await expect(agent.relocate(1n << 44n, chain)).rejects.toThrow('not run');
  for (const fd of pair) close(fd);
});
