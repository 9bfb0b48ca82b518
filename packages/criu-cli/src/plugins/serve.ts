// The process of a plugin that is a module: `bin/criu` with CRIU_COMMAND=criu-plugin-host. Descriptor 3 is a socket to
// the command, descriptor 4 the images directory.
import { pathToFileURL } from 'node:url';
import { sysRaw, waitForEvents } from '@criu/native';
import { closeSync, readlinkSync } from '@criu/native/fs';
import { EOPNOTSUPP, POLLIN, PR_SET_PDEATHSIG, SIGKILL } from '@criu/native/uapi';
import { HOOKS, type HookName, hookNames, STAGES } from './hooks.js';
import {
  decodeRequest,
  EXIT,
  encodeReply,
  INIT,
  KIND,
  type Request,
  sendMessage,
  takeMessage,
} from './messages.js';
import type { Plugin, PluginContext, PluginHooks, PluginStage } from './plugin.js';

const SOCKET = 3;
const IMAGES = 4;
const API = 1;
const LEVELS = { error: 1, warn: 2, info: 3, debug: 4 } as const;

/** Imports a module. A bundle can only import what it contains, so the launcher provides the function. */
function load(url: string): Promise<{ readonly default?: Partial<Plugin> }> {
  const own = (globalThis as Record<symbol, unknown>)[Symbol.for('criu.import')];
  return typeof own === 'function' ? own(url) : import(url);
}

/** The result of a hook, in the form of a reply. */
interface Said {
  readonly value: number;
  readonly wide?: bigint;
  readonly text?: string;
  readonly fd?: number;
}
const PASSED: Said = { value: -EOPNOTSUPP };

function tell(kind: number, { value, wide = 0n, text = '', fd }: Said, flag = 0n): void {
  sendMessage(SOCKET, encodeReply({ kind, value, wide, flag, text }), fd);
}

type Adapter = (hooks: PluginHooks, request: Request, fd: number) => unknown;

/** Converts the arguments of each hook; by CRIU's name, with the name in our interface. */
const ADAPTERS: Readonly<Record<HookName, readonly [keyof PluginHooks, Adapter]>> = {
  DUMP_UNIX_SK: [
    'dumpUnixSocket',
    (hooks, { args }, fd) => hooks.dumpUnixSocket?.({ fd, inode: Number(args[0]) }),
  ],
  RESTORE_UNIX_SK: [
    'restoreUnixSocket',
    (hooks, { args }) => hooks.restoreUnixSocket?.({ inode: Number(args[0]) }),
  ],
  DUMP_EXT_FILE: [
    'dumpExternalFile',
    (hooks, { args }, fd) => hooks.dumpExternalFile?.({ fd, id: Number(args[0]) }),
  ],
  RESTORE_EXT_FILE: [
    'restoreExternalFile',
    (hooks, { args }) => hooks.restoreExternalFile?.({ id: Number(args[0]) }),
  ],
  DUMP_EXT_MOUNT: [
    'dumpExternalMount',
    (hooks, { args, first }) => hooks.dumpExternalMount?.({ mountpoint: first, id: Number(args[0]) }),
  ],
  RESTORE_EXT_MOUNT: [
    'restoreExternalMount',
    (hooks, { args, second }) => hooks.restoreExternalMount?.({ mountpoint: second, id: Number(args[0]) }),
  ],
  DUMP_EXT_LINK: [
    'dumpExternalLink',
    (hooks, { args, first }) =>
      hooks.dumpExternalLink?.({ index: Number(args[0]), type: Number(args[1]), kind: first }),
  ],
  HANDLE_DEVICE_VMA: ['handleDeviceVma', (hooks, _, fd) => hooks.handleDeviceVma?.({ fd })],
  UPDATE_VMA_MAP: [
    'updateVmaMap',
    (hooks, { args, first }) =>
      hooks.updateVmaMap?.({ path: first, address: args[0] ?? 0n, offset: args[1] ?? 0n }),
  ],
  RESUME_DEVICES_LATE: [
    'resumeDevicesLate',
    (hooks, { args }) => hooks.resumeDevicesLate?.({ pid: Number(args[0]) }),
  ],
  PAUSE_DEVICES: ['pauseDevices', (hooks, { args }) => hooks.pauseDevices?.({ pid: Number(args[0]) })],
  CHECKPOINT_DEVICES: [
    'checkpointDevices',
    (hooks, { args }) => hooks.checkpointDevices?.({ pid: Number(args[0]) }),
  ],
  POST_FORKING: ['postForking', (hooks) => hooks.postForking?.()],
  RESTORE_INIT: ['restoreInit', (hooks) => hooks.restoreInit?.()],
  DUMP_DEVICES_LATE: [
    'dumpDevicesLate',
    (hooks, { args }) => hooks.dumpDevicesLate?.({ pid: Number(args[0]) }),
  ],
};

/** Converts the return value of a hook of our interface to that of CRIU's. */
function said(result: unknown): Said {
  if (result === undefined || result === null || result === false) return PASSED;
  if (typeof result === 'number') return { value: result, fd: result };
  if (typeof result === 'string') return { value: 0, text: result };
  if (typeof result === 'object' && 'offset' in result) {
    const { offset, fd } = result as { offset: bigint; fd?: number };
    return { value: 1, wide: BigInt(offset), ...(fd === undefined ? {} : { fd }) };
  }
  return { value: 0 };
}

/** @throws Error if the module is no valid plugin, saying why */
function checkPlugin(module: { readonly default?: Partial<Plugin> }): Plugin {
  const plugin = module.default;
  if (typeof plugin !== 'object' || typeof plugin.name !== 'string' || typeof plugin.hooks !== 'object')
    throw new Error('its default export is no plugin, which has a name and hooks');
  if (plugin.api !== API)
    throw new Error(`it is written for version ${plugin.api} of the interface, not ${API}`);
  const known = new Set<string>(hookNames.map((hook) => ADAPTERS[hook][0]));
  const wrong = Object.keys(plugin.hooks).find((name) => !known.has(name));
  if (wrong !== undefined) throw new Error(`there is no hook ${wrong}`);
  if (/[\n\0]/.test(plugin.name)) throw new Error('its name has more than one line');
  return plugin as Plugin;
}

async function answer(plugin: Plugin, request: Request, fd: number): Promise<Said> {
  const { op, args } = request;
  if (op === INIT) {
    const stage = (Object.keys(STAGES) as PluginStage[]).find((name) => STAGES[name] === Number(args[0]));
    const context: PluginContext = {
      stage: stage ?? 'dump',
      imagesDir: readlinkSync(`/proc/self/fd/${IMAGES}`),
      log: (level, text) => tell(KIND.LOG, { value: LEVELS[level], text }),
    };
    await plugin.init?.(context);
    return { value: 0 };
  }
  if (op === EXIT) {
    await plugin.exit?.({ ok: args[1] === 0n, running: args[2] === 1n });
    return { value: 0 };
  }
  const hook = hookNames.find((name) => HOOKS[name] === op);
  return hook === undefined ? PASSED : said(await ADAPTERS[hook][1](plugin.hooks, request, fd));
}

/** Serves the plugin until its end. @returns the exit code */
export async function servePlugin(path: string): Promise<number> {
  sysRaw('prctl', PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  let plugin: Plugin;
  try {
    plugin = checkPlugin(await load(pathToFileURL(path).href));
    const mask = hookNames
      .filter((hook) => plugin.hooks[ADAPTERS[hook][0]] !== undefined)
      .reduce((bits, hook) => bits | (1n << BigInt(HOOKS[hook])), 0n);
    tell(KIND.READY, { value: 0, wide: mask, text: `${plugin.name}\n${plugin.version ?? '0.0.0'}` }, 1n);
  } catch (error) {
    tell(KIND.FAILED, { value: 1, text: (error as Error).message });
    return 1;
  }
  for (;;) {
    const message = takeMessage(SOCKET);
    if (message === undefined) {
      await waitForEvents(SOCKET, POLLIN);
      continue;
    }
    if (message.bytes.length === 0) return 0;
    const { fd = -1 } = message;
    let result: Said;
    try {
      result = await answer(plugin, decodeRequest(message.bytes), fd);
    } catch (error) {
      result = { value: -1, text: error instanceof Error ? error.message : String(error) };
    }
    tell(KIND.ANSWER, result);
    for (const used of [fd, result.fd ?? -1]) if (used >= 0) closeSync(used);
  }
}
