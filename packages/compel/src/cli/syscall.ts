// `compel syscall`: makes one system call in a process.
import { errnoName, SYS, type SyscallName } from '@criu/native';
import type { DataRef, Operand } from '../operands.js';
import { Program } from '../program.js';
import { Tracer } from '../tracer.js';
import { UsageError } from './failure.js';

function operand(p: Program, text: string, outs: DataRef[]): Operand {
  if (/^-?(0x[0-9a-f]+|[0-9]+)$/i.test(text))
    return text.startsWith('-')
      ? -BigInt(text.slice(1))
      : BigInt(/^0[0-7]+$/.test(text) ? `0o${text}` : text);
  const out = /^out:([0-9]+)$/.exec(text);
  if (!out) return p.cstring(text);
  const room = p.out(Number(out[1]));
  outs.push(room);
  return room;
}

export async function syscall(pid: number, name: string, args: readonly string[]): Promise<number> {
  if (!Object.hasOwn(SYS, name))
    throw new UsageError(`there is no system call ${name}: syscalls(2) lists them`);
  const p = new Program(name);
  const outs: DataRef[] = [];
  const operands = args.map((text) => operand(p, text, outs));
  const step = p.syscall(name as SyscallName, operands, { expect: 'any' });
  await using tracer = await Tracer.start();
  const task = await tracer.seize(pid);
  const session = await task.infect();
  const result = await session.run(p);
  await task.resume();
  const value = result.big(step);
  const failed = value < 0n && value >= -4095n;
  process.stdout.write(failed ? `-1 ${errnoName(Number(value))}\n` : `${value}\n`);
  for (const out of outs) process.stdout.write(`${result.bytes(out).toString('hex')}\n`);
  return failed ? 1 : 0;
}
