/** Readers of `/proc`: synchronous, as the task is frozen meanwhile, and one file for each that they read. */

export * from './auxv.js';
export * from './cgroup.js';
export * from './cmdline.js';
export * from './descriptors.js';
export * from './errors.js';
export * from './fd.js';
export * from './fdinfo.js';
export type * from './fdinfo-kinds.js';
export * from './fs-ids.js';
export * from './idmap.js';
export { PROC_ROOT, type ProcText, readLinkMode, readTextIfAny } from './io.js';
export * from './limits.js';
export * from './links.js';
export * from './locks.js';
export * from './mappings.js';
export {
  isSpecialMapping,
  type MapsEntry,
  parseMaps,
  readMaps,
} from './maps.js';
export * from './mountinfo.js';
export * from './multicast.js';
export { looksDeleted, stripDeleted } from './names.js';
export * from './net-sockets.js';
export * from './smaps.js';
export * from './stat.js';
export * from './status.js';
export * from './syscall.js';
export * from './task.js';
export * from './timens.js';
export * from './timers.js';
export * from './values.js';
