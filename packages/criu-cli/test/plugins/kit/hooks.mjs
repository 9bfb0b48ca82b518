// The same as hooks.c, as a module.
import { appendFileSync, closeSync, fstatSync, openSync } from 'node:fs';

const { CALLS, HOOK, MODE, VERSION = '1.2.3' } = process.env;

function called(hook, argument) {
  if (CALLS) appendFileSync(CALLS, `${hook} ${argument}\n`);
  if (hook !== HOOK) return;
  // Nothing of JavaScript runs any more, so that no timer could help.
  if (MODE === 'hang') for (;;);
  if (MODE === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (MODE === 'exit') process.exit(3);
  if (MODE === 'fail') throw new Error(`no ${hook} today`);
  if (MODE === 'never') return new Promise(() => setInterval(() => undefined, 1000));
}

const on =
  (hook, key, result = () => true) =>
  async (what = {}) => {
    await called(hook, what[key] ?? 0);
    return result(what);
  };

export default {
  name: 'hooks-module',
  version: VERSION,
  api: Number(process.env.API ?? 1),
  async init(context) {
    context.log('info', `at work in ${context.imagesDir}`);
    await called('init', context.stage);
  },
  async exit({ ok, running }) {
    await called('exit', `${ok} ${running}`);
  },
  hooks: {
    dumpExternalFile: on('DUMP_EXT_FILE', 'id', ({ fd }) => fstatSync(fd).nlink >= 0),
    restoreExternalFile: on('RESTORE_EXT_FILE', 'id', () => openSync('/etc/hostname')),
    dumpExternalMount: on('DUMP_EXT_MOUNT', 'id'),
    restoreExternalMount: on('RESTORE_EXT_MOUNT', 'id', () => process.env.SOURCE),
    dumpExternalLink: on('DUMP_EXT_LINK', 'index', ({ type, kind }) => type === 1 && kind === 'unheard-of'),
    handleDeviceVma: on('HANDLE_DEVICE_VMA', 'none', ({ fd }) => fd >= 0),
    updateVmaMap: on('UPDATE_VMA_MAP', 'none', ({ path, offset }) => ({ offset, fd: openSync(path) })),
    pauseDevices: on('PAUSE_DEVICES', 'pid'),
    checkpointDevices: on('CHECKPOINT_DEVICES', 'pid'),
    dumpDevicesLate: on('DUMP_DEVICES_LATE', 'pid'),
    restoreInit: on('RESTORE_INIT', 'none'),
    postForking: on('POST_FORKING', 'none'),
    resumeDevicesLate: on('RESUME_DEVICES_LATE', 'pid'),
    ...(process.env.WRONG ? { [process.env.WRONG]: () => closeSync(-1) } : {}),
  },
};
