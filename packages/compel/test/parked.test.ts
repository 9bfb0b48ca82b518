// The end of a restore: an agent process and a thread of it get their final registers and lose the agent. Needs root.
import { readFileSync } from 'node:fs';
import { Agent, Program, Tracer, withRegisters } from '@criu/compel';
import { abi, close } from '@criu/native';
import { expect, test } from 'vitest';
import { isRoot } from './victim.js';

const CODE = 0x30000000;
/** write to futex-like word [rbx] = 7, then exit (rdi) by system call number rax. */
const EXIT = Buffer.from([0x0f, 0x05, 0xeb, 0xfe]);

test.skipIf(!isRoot)('a parked agent and its thread go on with what they were given', async () => {
  await using parent = await Agent.start();
  const { agent, remote } = Agent.prepare('parked');
  const spawn = new Program('spawn');
  const args = spawn.data(abi.CloneArgs.size);
  spawn.poke(spawn.at(args, abi.CloneArgs.exit_signal), 17, 8);
  const spawned = spawn.spawn(args, spawn.fd(remote));
  const pid = (await parent.run(spawn)).value(spawned);
  close(remote);

  const p = new Program('code and thread');
  p.syscall('mmap', [CODE, 8192, 7, 0x32, -1, 0]);
  p.copy(CODE, p.data(EXIT), EXIT.length);
  const self = p.addOf(p.self(0), 0);
  const clone = p.data(abi.CloneArgs.size);
  p.poke(p.at(clone, abi.CloneArgs.flags), 0x10f00, 8);
  p.poke(p.at(clone, abi.CloneArgs.stack), CODE + 4096, 8);
  p.poke(p.at(clone, abi.CloneArgs.stack_size), 4096, 8);
  const thread = p.thread(clone);
  const size = p.peek(p.plus(self, abi.AgentCtx.region_size), 8);
  const r = await agent.run(p);
  const tid = r.value(thread);
  const region = r.big(self);

  await using tracer = await Tracer.start();
  await tracer.seizeParked(pid, [pid, tid]);
  const insn = region + BigInt(abi.AGENT_TEXT_OFFSET + abi.AGENT_ENTRY_SYSCALL);
  await tracer.munmapRemote(pid, insn, [{ address: region, length: r.value(size) }]);
  expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toContain(region.toString(16));
  const regs = withRegisters(Buffer.alloc(abi.UserRegs.size), {
    rip: BigInt(CODE),
    cs: 0x33n,
    ss: 0x2bn,
    eflags: 0x202n,
    orig_rax: -1n,
  });
  await tracer.setFinal([
    { tid, regs: withRegisters(regs, { rax: 60n, rdi: 42n }), sigmask: 0n },
    { tid: pid, regs: withRegisters(regs, { rax: 60n, rdi: 42n }), sigmask: 0n },
  ]);
  await tracer.detachAll([tid, pid]);
  const wait = new Program('wait');
  const status = wait.out(8);
  wait.wait(pid, 5000, status);
  expect((await parent.run(wait)).bytes(status).readInt32LE(0)).toBe(42 << 8);
});
