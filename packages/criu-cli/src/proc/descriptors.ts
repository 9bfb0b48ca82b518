/** Open descriptors of a process, many at once: a copy of each, its link, what fstat(2), fcntl(2) and fdinfo tell. */

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

/** What stat(2) tells of a file. */
export type FileStat = Pick<
  BigIntStats,
  'dev' | 'ino' | 'mode' | 'nlink' | 'uid' | 'gid' | 'rdev' | 'size' | 'blocks' | 'atimeNs' | 'mtimeNs'
>;

/** Whom the kernel tells of what happens to a file (F_SETOWN_EX); ids as this process has them. */
export interface FileOwner {
  /** F_OWNER_*. */
  readonly type: number;
  readonly id: number;
  readonly uid: number;
  readonly euid: number;
}

/** What a socket is (socket(7)); all are 0 of what is none. */
export interface SocketFacts {
  /** AF_*. */
  readonly family: number;
  /** SOCK_*. */
  readonly type: number;
  /** IPPROTO_* and the like. */
  readonly protocol: number;
  /** A number for the network namespace that it was made in (SO_NETNS_COOKIE); 0 before Linux 5.14. */
  readonly netns: bigint;
  /** Of POLLIN, POLLERR and POLLHUP (poll(2)), those that hold of a Unix socket; 0 of others. */
  readonly events: number;
}

const NO_SOCKET: SocketFacts = { family: 0, type: 0, protocol: 0, netns: 0n, events: 0 };

/** One descriptor of a process. */
export interface Descriptor {
  readonly fd: number;
  /** Our copy; the look closes it. */
  readonly local: number;
  readonly link: string;
  readonly stat: FileStat;
  readonly info: FdInfo;
  /** F_GETSIG. */
  readonly signal: number;
  readonly owner: FileOwner | undefined;
  readonly socket: SocketFacts;
  /** The same number for all descriptors that lead to the same open file description; -errno if that is not known. */
  readonly description: number;
  /** Numbers of what a socket has answered to questions about its options and its peer; 0 if it was not asked. */
  readonly answers: Answers;
}

export interface Answers {
  readonly options: number;
  readonly peer: number;
}

const NO_ANSWERS: Answers = { options: 0, peer: 0 };

/** What is the same for all looks of a dump. */
export interface LookTools {
  readonly descriptions: Descriptions;
  readonly questions: readonly Questions[];
}

/** Most are not needed of most files: they are read where they are asked for. */
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
   * @param pidfd of the process
   * @param tools what descriptions are told apart by, and what is asked of sockets
   * @param ahead whether a thread begins with it, so that it is there when it is asked for
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

  /** Has all of them looked at, and gives their texts. */
  finish(): readonly string[] {
    this.seen ??= addon().endDescriptors(this.begun);
    return this.seen;
  }

  /**
   * What was seen of the descriptor with this index in the list; undefined if it was closed meanwhile.
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
        ? { options: small(abi.DESCRIPTOR_OPTIONS), peer: small(abi.DESCRIPTOR_PEER) }
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
      // It says what is wrong.
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
