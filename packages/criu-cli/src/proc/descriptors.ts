/**
 * Reads many open descriptors of a process at once: a copy of each, its link, and the results of fstat(2), fcntl(2) and
 * fdinfo.
 */

import {
  abi,
  addon,
  type BegunDescriptors,
  type Descriptions,
  decodeLatin1,
  type Questions,
  SysError,
} from '@criu/native';
import type { BigIntStats } from '@criu/native/fs';
import { type FdInfo, fdInfoOf, readFdInfo } from './fdinfo.js';
import { PROC_ROOT, procError } from './io.js';

/** The fields of stat(2) for a file. */
export type FileStat = Pick<
  BigIntStats,
  'dev' | 'ino' | 'mode' | 'nlink' | 'uid' | 'gid' | 'rdev' | 'size' | 'blocks' | 'atimeNs' | 'mtimeNs'
>;

/** Receiver of a file's signals (F_GETOWN_EX); ids as this process sees them. */
export interface FileOwner {
  /** F_OWNER_*. */
  readonly type: number;
  readonly id: number;
  readonly uid: number;
  readonly euid: number;
}

/** Properties of a socket (socket(7)); all are 0 if the file is no socket. */
export interface SocketFacts {
  /** AF_*. */
  readonly family: number;
  /** SOCK_*. */
  readonly type: number;
  /** IPPROTO_* and the like. */
  readonly protocol: number;
  /** Cookie of the network namespace in which the socket was created (SO_NETNS_COOKIE); 0 before Linux 5.14. */
  readonly netns: bigint;
  /** The bits POLLIN, POLLERR and POLLHUP (poll(2)) of a Unix socket; 0 for others. */
  readonly events: number;
}

const NO_SOCKET: SocketFacts = { family: 0, type: 0, protocol: 0, netns: 0n, events: 0 };

/** One descriptor of a process. */
export interface Descriptor {
  readonly fd: number;
  /** Descriptor of our copy; closed with the look. */
  readonly local: number;
  readonly link: string;
  readonly stat: FileStat;
  readonly info: FdInfo;
  /** F_GETSIG. */
  readonly signal: number;
  readonly owner: FileOwner | undefined;
  readonly socket: SocketFacts;
  /**
   * Number of the open file description: descriptors of the same description have the same number; -errno if unknown.
   */
  readonly description: number;
  /** Answers of a socket to questions about its options and its peer; 0 if it was not asked. */
  readonly answers: Answers;
}

export interface Answers {
  readonly options: number;
  readonly peer: number;
  /** Whether it was asked as a TCP socket with a peer. */
  readonly connected: boolean;
}

const NO_ANSWERS: Answers = { options: 0, peer: 0, connected: false };

/** Objects that all inspections of descriptors in one dump share. */
export interface LookTools {
  readonly descriptions: Descriptions;
  readonly questions: readonly Questions[];
}

/** The fields of a stat result; they are read on access, as most of them are not needed for most files. */
class StatRow implements FileStat {
  constructor(
    private readonly row: BigUint64Array,
    private readonly at: number,
  ) {}

  private word(place: number): bigint {
    return this.row[this.at + place] ?? 0n;
  }

  get dev() {
    return this.word(abi.DESCRIPTOR_DEV);
  }
  get ino() {
    return this.word(abi.DESCRIPTOR_INO);
  }
  get mode() {
    return this.word(abi.DESCRIPTOR_MODE);
  }
  get nlink() {
    return this.word(abi.DESCRIPTOR_NLINK);
  }
  get uid() {
    return this.word(abi.DESCRIPTOR_UID);
  }
  get gid() {
    return this.word(abi.DESCRIPTOR_GID);
  }
  get rdev() {
    return this.word(abi.DESCRIPTOR_RDEV);
  }
  get size() {
    return this.word(abi.DESCRIPTOR_SIZE);
  }
  get blocks() {
    return this.word(abi.DESCRIPTOR_BLOCKS);
  }
  get atimeNs() {
    return BigInt.asIntN(64, this.word(abi.DESCRIPTOR_ATIME));
  }
  get mtimeNs() {
    return BigInt.asIntN(64, this.word(abi.DESCRIPTOR_MTIME));
  }
}

/** A look at some descriptors of one process. */
export class DescriptorLook implements Disposable {
  private readonly small: Int32Array;
  private readonly large: BigUint64Array;
  private readonly begun: BegunDescriptors;
  private seen: readonly string[] | undefined;

  /**
   * @param pidfd pidfd of the process
   * @param tools distinguishes descriptions, and says what is asked of sockets
   * @param ahead whether a thread starts reading at once
   */
  constructor(
    private readonly pid: number,
    pidfd: number,
    readonly fds: Int32Array,
    { descriptions, questions }: LookTools,
    ahead = false,
  ) {
    this.small = new Int32Array(fds.length * abi.DESCRIPTOR_SMALL);
    this.large = new BigUint64Array(fds.length * abi.DESCRIPTOR_LARGE);
    const { small, large } = this;
    this.begun = addon().beginDescriptors({ pid, pidfd, fds, small, large, ahead, descriptions, questions });
  }

  /** Waits for the result, and returns the texts. */
  finish(): readonly string[] {
    this.seen ??= addon().endDescriptors(this.begun);
    return this.seen;
  }

  /**
   * The descriptor at an index of the list; undefined if it was closed meanwhile.
   * @throws SysError, ProcError
   */
  at(index: number): Descriptor | undefined {
    const texts = this.finish();
    const at = index * abi.DESCRIPTOR_SMALL;
    const small = (place: number) => this.small[at + place] ?? 0;
    const fd = this.fds[index] ?? -1;
    const failed = small(abi.DESCRIPTOR_FAILED);
    if (failed !== 0) return this.fail(fd, failed, small(abi.DESCRIPTOR_ERRNO));
    const row = index * abi.DESCRIPTOR_LARGE;
    const owner = small(abi.DESCRIPTOR_OWNER);
    const family = small(abi.DESCRIPTOR_FAMILY);
    return {
      fd,
      local: small(abi.DESCRIPTOR_LOCAL),
      link: decodeLatin1(texts[index * 2] ?? ''),
      stat: new StatRow(this.large, row),
      info: fdInfoOf(
        {
          pos: this.large[row + abi.DESCRIPTOR_POS] ?? 0n,
          flags: small(abi.DESCRIPTOR_FLAGS),
          mntId: small(abi.DESCRIPTOR_MOUNT),
          ino: small(abi.DESCRIPTOR_HAS_INO) ? this.large[row + abi.DESCRIPTOR_INFO_INO] : undefined,
        },
        texts[index * 2 + 1] ?? '',
        `${PROC_ROOT}/${this.pid}/fdinfo/${fd}`,
      ),
      signal: small(abi.DESCRIPTOR_SIGNAL),
      owner: owner
        ? {
            type: small(abi.DESCRIPTOR_OWNER_TYPE),
            id: owner,
            uid: small(abi.DESCRIPTOR_OWNER_UID) >>> 0,
            euid: small(abi.DESCRIPTOR_OWNER_EUID) >>> 0,
          }
        : undefined,
      description: small(abi.DESCRIPTOR_DESCRIPTION),
      answers: family
        ? {
            options: small(abi.DESCRIPTOR_OPTIONS),
            peer: small(abi.DESCRIPTOR_PEER),
            connected: small(abi.DESCRIPTOR_CONNECTED) === 1,
          }
        : NO_ANSWERS,
      socket: family
        ? {
            family,
            type: small(abi.DESCRIPTOR_TYPE),
            protocol: small(abi.DESCRIPTOR_PROTOCOL),
            netns: this.large[row + abi.DESCRIPTOR_NETNS] ?? 0n,
            events: small(abi.DESCRIPTOR_EVENTS),
          }
        : NO_SOCKET,
    };
  }

  private fail(fd: number, failed: number, errno: number): undefined {
    const { pid } = this;
    if (failed === abi.DESCRIPTOR_NO_COPY) throw new SysError('pidfd_getfd', errno);
    if (failed === abi.DESCRIPTOR_NO_STAT) throw new SysError('fstat', errno);
    if (failed === abi.DESCRIPTOR_NO_INFO) {
      // readFdInfo throws the more specific error.
      readFdInfo(pid, fd);
      throw new SysError('read', errno, `${PROC_ROOT}/${pid}/fdinfo/${fd}`);
    }
    const path = `${PROC_ROOT}/${pid}/fd/${fd}`;
    const error = procError(new SysError('readlink', errno, path), path, pid, PROC_ROOT);
    if (error.code === 'PROC_MISSING') return undefined;
    throw error;
  }

  /** Closes the copies. */
  [Symbol.dispose](): void {
    addon().closeCopies(this.begun);
  }
}
