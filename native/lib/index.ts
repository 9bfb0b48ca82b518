/// <reference types="node" preserve="true" />
// @criu/native: kernel mechanisms, without any policy.
export * as abi from './abi.generated.js';
export {
  type Addon,
  addon,
  agentBlobPath,
  agentPath,
  type BegunDescriptors,
  type Descriptions,
  type HugePart,
  type MappingRows,
  type PageComparison,
  type PagemapScan,
  type PumpResult,
  pagerPath,
  pluginHostPath,
  type Questions,
  readAhead,
  type SysArg,
  type XsaveLayout,
} from './addon.js';
export { type Command, startable } from './command.js';
export { errnoName, SysError } from './errors.js';
export { NativeLoadError } from './machine.js';
export {
  decodeCString,
  decodeLatin1,
  decodeName,
  encodeName,
  isOddName,
  pathArg,
  printable,
  showName,
  showOdd,
} from './names.js';
export { ownArguments, ownEnvironment } from './own.js';
export { isOwnNetns, socketIn } from './socket-in.js';
export {
  close,
  cstring,
  ioctlInt,
  openat2,
  socketpair,
  sys,
  sysRaw,
  tryIoctlInt,
  waitForEvents,
} from './sys.js';
export { SYS, type SyscallName } from './syscalls.generated.js';
export { type PeerIdentity, peerOf, type ReceivedMessage, receiveWithFd, sendWithFd } from './unix-socket.js';
