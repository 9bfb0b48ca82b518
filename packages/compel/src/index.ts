/// <reference types="node" preserve="true" />
// @criu/compel: run code inside other processes.
export { Agent, type AgentStartOptions } from './agent.js';
export { AgentGoneError, AgentProtocolError, ChainBrokenError } from './agent-errors.js';
export {
  parseRegisters,
  planGetRegisters,
  REGISTER_NAMES,
  type RegisterName,
  type Registers,
  withRegisters,
} from './arch/index.js';
export { type Blob, type BlobCommand, BlobError, packElf, readBlob } from './blob.js';
export { BuildError, type BuildOptions, buildParasite } from './build.js';
export type { CollectOptions, SeccompFilter, TaskState, ThreadState } from './collect.js';
export type { SyscallDispatch } from './dispatch.js';
export { ElfError } from './elf.js';
export { StateError, type StopCode, StopError, type VictimCode, VictimError } from './errors.js';
export type { ThreadLook } from './holds.js';
export {
  callName,
  type DataRef,
  type FdRef,
  type LateRef,
  type LoadRef,
  Mark,
  type Operand,
  type SelfRef,
  type StepOptions,
  type StepRef,
} from './operands.js';
export type { PagesPart } from './pages-part.js';
export { type CallOptions, type CallResult, Parasite, ParasiteError } from './parasite.js';
export type { FinalThread, ParkedTask, RemoteCall, RemoteRange } from './parked.js';
export { vforkWait } from './proc.js';
export { Program } from './program.js';
export type { Bookmark, Passage } from './program-passage.js';
export { ProgramError, ProgramResult } from './program-result.js';
export type { Rows } from './program-rows.js';
export type { ProgramLine } from './program-text.js';
export {
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  ERESTARTNOINTR,
  ERESTARTSYS,
} from './restart.js';
export type { RseqConfig, ThreadStop } from './seize.js';
export type { InfectOptions, RunOptions, Session } from './session.js';
export type { Mapping } from './session-memory.js';
export { Task, type TaskPhase, Thread } from './task.js';
export { type SeizeOptions, Tracer, type TracerOptions } from './tracer.js';
export type { Twin } from './twin.js';
