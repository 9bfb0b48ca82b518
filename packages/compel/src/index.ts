// @criu/compel: run code inside other processes.
export { Agent, AgentGoneError, AgentProtocolError, type AgentStartOptions } from './agent.js';
export {
  type DataRef,
  type FdRef,
  type LoadRef,
  type Operand,
  Program,
  ProgramError,
  type ProgramLine,
  ProgramResult,
  type SelfRef,
  type StepOptions,
  type StepRef,
} from './program.js';
