// What crit tells of an archive that a runtime has made, beside what checkpointctl tells of it, where that is installed.
import { deepStrictEqual } from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { have, run } from './kit.mjs';

const crit = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'crit', 'bin', 'crit.cjs');
const ask = (...args) => run(process.execPath, [crit, ...args]);
const askJson = (...args) => JSON.parse(ask(...args, '--json'));

/** Of some facts those that another list has, too, so that a difference shows both. */
function same(what, found, wanted) {
  try {
    deepStrictEqual(found, wanted);
  } catch (error) {
    throw new Error(`${what}: ${error.message}`);
  }
}

const seconds = (time) => time.replace(/\.\d+/, '');

/** The shape of what checkpointctl tells, with what crit tells. */
function asCheckpointctl(archive) {
  const info = askJson('show-container', archive);
  const { freezing_time, frozen_time, memdump_time, memwrite_time, pages_scanned, pages_written } =
    info.statistics;
  return {
    container_name: info.name,
    image: info.image,
    id: info.id,
    runtime: info.runtime,
    created: seconds(info.created),
    checkpointed: seconds(info.checkpointed),
    engine: info.engine,
    checkpoint_size: {
      total_size: info.checkpointSize,
      memory_pages_size: info.pagesSize,
      root_fs_diff_size: info.rootfsDiffSize,
    },
    statistics: { freezing_time, frozen_time, memdump_time, memwrite_time, pages_scanned, pages_written },
    file_descriptors: askJson('x', archive, 'fds').map(({ pid, descriptors }) => ({
      pid,
      open_files: descriptors.map(({ file }) => file),
    })),
    processes: askJson('x', archive, 'ps').map(({ pid, comm }) => `${pid} ${comm}`),
    mounts: info.mounts,
  };
}

function checkpointctl(archive) {
  const inspect = ['inspect', '--all', '--format', 'json', archive];
  const [{ process_tree, file_descriptors, ...info }] = JSON.parse(run('checkpointctl', inspect));
  const flat = ({ pid, command, children = [] }) => [`${pid} ${command}`, ...children.flatMap(flat)];
  return {
    ...info,
    created: seconds(info.created),
    file_descriptors: file_descriptors.map(({ pid, open_files }) => ({
      pid,
      open_files: open_files.map(({ path }) => path),
    })),
    processes: flat(process_tree),
  };
}

/** @param known what the archive has to tell: name, image, id, engine and pod of the container */
export function readArchive(archive, known) {
  const told = asCheckpointctl(archive);
  if (have('checkpointctl')) same('crit and checkpointctl', told, checkpointctl(archive));
  const { container_name: name, image, id, engine } = told;
  const { pod, namespace } = askJson('show-container', archive);
  same('the container', { name, image, id, engine, pod, namespace }, { ...known, namespace: 'default' });
  const text = ask('show-container', archive);
  for (const line of [`Container: +${name}`, `Pod: +${pod}`, `Memory pages size: +\\d`, `Engine: +${engine}`])
    if (!new RegExp(`^${line}`, 'm').test(text)) throw new Error(`there is no ${line} in\n${text}`);
  const verified = ask('verify', archive);
  if (!/ 0 errors.*the checkpoint is complete/.test(verified)) throw new Error(verified);
  ask('x', archive, 'sk');
  if (!/^.* \/dev\/shm /m.test(ask('x', archive, 'mounts'))) throw new Error('/dev/shm is not mounted');
  const commands = askJson('report', archive).processes?.length;
  if (commands !== told.processes.length) throw new Error(`the report has ${commands} processes`);
  if (!ask('report', archive).includes('id="container"')) throw new Error('the report tells of no container');
}
