// The general registers of a thread: struct user_regs_struct as bytes, and by field.
import { abi } from '@criu/native';

export type RegisterName = Exclude<keyof typeof abi.UserRegs, 'size'>;
export type Registers = Record<RegisterName, bigint>;

export const REGISTER_NAMES = (Object.keys(abi.UserRegs) as (keyof typeof abi.UserRegs)[]).filter(
  (name): name is RegisterName => name !== 'size',
);
export const REGS_SIZE: number = abi.UserRegs.size;

/** Parses the 27 fields of a user_regs_struct (ptrace(2), PTRACE_GETREGS). */
export function parseRegisters(bytes: Uint8Array): Registers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = {} as Registers;
  for (const name of REGISTER_NAMES) out[name] = view.getBigUint64(abi.UserRegs[name], true);
  return out;
}

/** A copy of a user_regs_struct with some fields replaced. */
export function withRegisters(base: Uint8Array, changes: Partial<Registers>): Buffer {
  const bytes = Buffer.from(base);
  for (const [name, value] of Object.entries(changes))
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), abi.UserRegs[name as RegisterName]);
  return bytes;
}

/** Reads one field without parsing the others. */
export function register(bytes: Buffer, name: RegisterName): bigint {
  return bytes.readBigUInt64LE(abi.UserRegs[name]);
}
