/// <reference types="node" preserve="true" />
// @criu/soccr: save and restore a live TCP connection.
export {
  addressBytes,
  addressText,
  type Endpoint,
  endpointText,
  fromSockaddr,
  toSockaddr,
} from './address.js';
export { chooseLocker, clearLocks, type LockChoice } from './choose.js';
export { type SoccrCode, SoccrError, type SoccrErrorDetails } from './errors.js';
export { type Look, look } from './facts.js';
export { type FreezeOptions, freeze, freezeAll } from './freeze.js';
export { discardAll, Frozen, resumeAll, type Trace } from './frozen.js';
export { injectUnreachable, SOCCR_MARK } from './inject.js';
export { IptablesLocker } from './iptables.js';
export { type Connection, DEFAULT_TABLE, type Locker, noLock } from './lock.js';
export { netnsOf } from './netns.js';
export { NftLocker } from './nft.js';
export { type SocketWrapOptions, toSocket } from './node-socket.js';
export { dissolve, inRepair, type Paused, pause, resume } from './repair.js';
export { type RestoreOptions, restore, restoreAll, restoreSocket, restoreSockets } from './restore.js';
export { freshSocket, restoreTcp } from './restore-tcp.js';
export { type Facts, inspect, saveTcp } from './save.js';
export {
  checkState,
  connectionText,
  type RepairWindow,
  type SocketOptions,
  stateFromJson,
  stateToJson,
  TCP_STATES,
  type TcpState,
  type TcpStateName,
  tcpStateName,
} from './state.js';
export { fdOf, type ProcessFd, type Target } from './target.js';
