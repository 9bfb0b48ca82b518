// The end of a restore: an agent process and a thread of it get their final registers and lose the agent. Needs root.
import { readFileSync } from 'node:fs';
import { Agent, Program, Tracer, withRegisters } from '@criu/compel';
import { abi, close } from '@criu/native';
import { clone_args } from '@criu/native/uapi';
import { expect, test } from 'vitest';
import { isRoot } from './victim.js';

const CODE = 0x30000000;
/** write to futex-like word [rbx] = 7, then exit (rdi) by system call number rax. */
const EXIT = Buffer.from([0x0f, 0x05, 0xeb, 0xfe]);

/** An agent process of a parent, and a thread of it, parked; code that exits lies ready. */
async function parked(parent: Agent) {
  const { agent, remote } = Agent.prepare('parked');
  const spawn = new Program('spawn');
  const args = spawn.data(clone_args.sizeof);
  spawn.poke(spawn.at(args, clone_args.exit_signal), 17, 8);
  const spawned = spawn.spawn(args, spawn.fd(remote));
  const pid = (await parent.run(spawn)).value(spawned);
  close(remote);

  const p = new Program('code and thread');
  p.syscall('setsid', []);
  p.syscall('mmap', [CODE, 8192, 7, 0x32, -1, 0]);
  p.copy(CODE, p.data(EXIT), EXIT.length);
  const self = p.addOf(p.self(0), 0);
  const clone = p.data(clone_args.sizeof);
  p.poke(p.at(clone, clone_args.flags), 0x10f00, 8);
  p.poke(p.at(clone, clone_args.stack), CODE + 4096, 8);
  p.poke(p.at(clone, clone_args.stack_size), 4096, 8);
  const thread = p.thread(clone, 0);
  const size = p.peek(p.plus(self, abi.AgentCtx.region_size), 8);
  const r = await agent.run(p);
  return { pid, tid: r.value(thread), region: r.big(self), size: r.value(size) };
}

/** Both threads are to exit with 42. */
async function setExit(tracer: Tracer, tids: readonly number[]): Promise<void> {
  const regs = withRegisters(Buffer.alloc(abi.UserRegs.size), {
    rip: BigInt(CODE),
    cs: 0x33n,
    ss: 0x2bn,
    eflags: 0x202n,
    orig_rax: -1n,
  });
  const exit = withRegisters(regs, { rax: 60n, rdi: 42n });
  await tracer.setFinal(tids.map((tid) => ({ tid, regs: exit, sigmask: 0n })));
}

async function statusOf(parent: Agent, pid: number): Promise<number> {
  const wait = new Program('wait');
  const status = wait.out(8);
  wait.wait(pid, 5000, status);
  return (await parent.run(wait)).bytes(status).readInt32LE(0);
}

test.skipIf(!isRoot)('a parked agent and its thread go on with what they were given', async () => {
  await using parent = await Agent.start();
  const { pid, tid, region, size } = await parked(parent);
  await using tracer = await Tracer.start();
  await tracer.seizeParked([{ pid, tids: [pid, tid], suspendSeccomp: false }]);
  const insn = region + BigInt(abi.AGENT_TEXT_OFFSET + abi.AGENT_ENTRY_SYSCALL);
  await tracer.munmapRemote(pid, insn, [{ address: region, length: size }]);
  expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toContain(region.toString(16));
  await setExit(tracer, [tid, pid]);
  await tracer.detachAll([tid, pid]);
  expect(await statusOf(parent, pid)).toBe(42 << 8);
});

const SIGTERM = 15;
const SIGCONT = 18;

// It leads a session: SIGTSTP, which no shell could answer there, is ignored.
test.skipIf(!isRoot).each([19, 20])(
  'a parked agent is stopped by signal %d and takes no other before it goes on',
  async (signal) => {
    await using parent = await Agent.start();
    const { pid, tid } = await parked(parent);
    await using tracer = await Tracer.start();
    await tracer.seizeParked([{ pid, tids: [pid, tid], suspendSeccomp: false }]);
    process.kill(pid, SIGTERM);
    await tracer.stopParked(pid, [pid, tid], signal);
    await setExit(tracer, [tid, pid]);
    await tracer.detachAll([tid, pid]);
    const states = () =>
      [pid, tid].map(
        (id) => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8'))?.[1],
      );
    for (let tries = 0; tries < 500 && states().some((state) => state !== 'T'); tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(states()).toEqual(['T', 'T']);
    process.kill(pid, SIGCONT);
    expect(await statusOf(parent, pid)).toBe(SIGTERM);
  },
);
