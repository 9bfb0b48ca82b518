// Checks references between open files: remaps of deleted files, queues, pipes, terminals, socket peers.
import { FdTypes, type FileEntry, fileTypes, imageFileName, RemapType } from '@criu/images';
import type { Report } from './report.js';

const TCP = 6;
/** States of a TCP socket without a connection, of which nothing is saved. */
const UNCONNECTED = new Set([7, 10]);

export function verifyFiles(report: Report, files: ReadonlyMap<number, FileEntry>): void {
  const { set } = report;
  const fields = new Map(fileTypes.map(({ type, field }) => [type, field]));
  // --tcp-close drops connections on purpose.
  const closed = report.attempt(() => set.inventory())?.tcp_close === true;
  const pipes = new Set<number>();
  const terminals = new Set<number>();
  const unix = new Map<number, number>();
  for (const file of files.values()) {
    const field = fields.get(file.type);
    if (field !== undefined && file[field] === undefined) {
      report.error('files.img', `file ${file.id} says that it is of type ${file.type}, but has no ${field}`);
    }
    if (file.pipe) pipes.add(file.pipe.pipe_id);
    if (file.fifo) pipes.add(file.fifo.pipe_id);
    if (file.usk) unix.set(file.usk.ino, file.id);
  }
  report.attempt(() => {
    if (set.has('TTY_INFO')) for (const info of set.entries('TTY_INFO')) terminals.add(info.id);
  });
  for (const file of files.values()) {
    if (file.tty && !terminals.has(file.tty.tty_info_id)) {
      report.error(
        'files.img',
        `terminal ${file.id} refers to tty-info ${file.tty.tty_info_id}, which is not there`,
      );
    }
    if (file.usk && file.usk.peer !== 0 && !unix.has(file.usk.peer)) {
      report.warning(
        'files.img',
        `the peer ${file.usk.peer} of unix socket ${file.id} is outside of the checkpoint`,
      );
    }
    const tcp = file.isk?.proto === TCP && !UNCONNECTED.has(file.isk.state) ? file.isk : undefined;
    if (tcp !== undefined && !closed && !set.has('TCP_STREAM', tcp.ino)) {
      report.error(
        'files.img',
        `socket ${file.id} is connected, but ${imageFileName('TCP_STREAM', tcp.ino)} is not there`,
      );
    }
    if (file.memfd) verifyMemfd(report, file.id, file.memfd.inode_id);
  }
  verifyQueues(report, files, pipes);
  verifyRemaps(report, files);
}

function verifyMemfd(report: Report, id: number, inode: number): void {
  const inodes = report.attempt(() => report.set.entries('MEMFD_INODE')) ?? [];
  if (!inodes.some((entry) => entry.inode_id === BigInt(inode))) {
    report.error('files.img', `memfd ${id} refers to inode ${inode}, which memfd.img does not have`);
  }
}

function verifyQueues(
  report: Report,
  files: ReadonlyMap<number, FileEntry>,
  pipes: ReadonlySet<number>,
): void {
  const { set } = report;
  for (const kind of ['PIPES_DATA', 'FIFO_DATA'] as const) {
    if (!set.has(kind)) continue;
    for (const entry of report.attempt(() => set.entries(kind)) ?? []) {
      if (!pipes.has(entry.pipe_id))
        report.error(imageFileName(kind), `no file is an end of pipe ${entry.pipe_id}`);
    }
  }
  if (!set.has('SK_QUEUES')) return;
  const owners = new Set<number>();
  for (const file of files.values()) owners.add(file.id);
  for (const entry of report.attempt(() => set.entries('SK_QUEUES')) ?? []) {
    if (!owners.has(entry.id_for)) report.error('sk-queues.img', `no file is the socket ${entry.id_for}`);
    for (const { rights } of entry.scm) {
      for (const id of rights) {
        if (!files.has(id)) report.error('sk-queues.img', `a message carries file ${id}, which is not there`);
      }
    }
  }
}

function verifyRemaps(report: Report, files: ReadonlyMap<number, FileEntry>): void {
  const { set } = report;
  if (!set.has('REMAP_FPATH')) return;
  const name = 'remap-fpath.img';
  for (const entry of report.attempt(() => set.entries('REMAP_FPATH')) ?? []) {
    const { orig_id, remap_id } = entry;
    if (!files.has(orig_id)) report.error(name, `the file ${orig_id} that is replaced is not there`);
    // Without remap_type, the top bit of the id marks a ghost file.
    const ghost =
      entry.remap_type === undefined ? remap_id >>> 31 === 1 : entry.remap_type === RemapType.GHOST;
    const id = entry.remap_type === undefined ? remap_id & 0x7fffffff : remap_id;
    if (ghost && !set.has('GHOST_FILE', id))
      report.error(name, `${imageFileName('GHOST_FILE', id)} is not there`);
    const linked = entry.remap_type === RemapType.LINKED || (entry.remap_type === undefined && !ghost);
    if (linked && files.get(id)?.type !== FdTypes.REG) {
      report.error(name, `the linked file ${id} is not there`);
    }
  }
}
