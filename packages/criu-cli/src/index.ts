/// <reference types="node" preserve="true" />
// @criu/cli as a library: dump and restore process trees.

export { actionScripts } from './action-scripts.js';
export { checkCpuinfo, writeCpuinfo } from './arch/cpuinfo.js';
export type { CancelSignal } from './cancel.js';
export type { RestorePlan } from './engine/restore-plan.js';
export type { Survey, SurveyedFile, SurveyOptions } from './engine/survey.js';
export { CriuError, type CriuErrorCode, type CriuErrorObject } from './errors.js';
export { type Logger, type LogLevel, silentLogger } from './log.js';
export {
  type Notification,
  type NotifyAction,
  type NotifyAnswer,
  NotifyError,
  type NotifyListener,
} from './notify.js';
export { dump, planRestore, preDump, restore, survey } from './operations.js';
export type {
  CommonOptions,
  CpuClass,
  DumpOptions,
  DumpPhase,
  DumpResult,
  DumpStats,
  PageServerOptions,
  ProgressEvent,
  RestoreOptions,
  RestorePhase,
  RestoreResult,
  RestoreStats,
} from './options.js';
export { dedupParents } from './pages/dedup.js';
export { type ServePagesOptions, type ServePagesResult, servePages } from './pages/server/serve.js';
export {
  definePlugin,
  type Plugin,
  type PluginContext,
  type PluginHooks,
  type PluginStage,
} from './plugins/plugin.js';
export { type ServeOptions, serveConnection } from './rpc/serve.js';
