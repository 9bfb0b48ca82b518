// The origin of a checkpoint: time, machine, kernel and program. Our dumps record it in stats-dump; for others a log
// beside the images has a part of it.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DumpOriginEntry, type ImageSet, parseFileName, pathArg } from '@criu/images';
import type { ContainerInfo } from '../archive/container.js';
import { unpackedFrom } from '../archive/unpack.js';
import type { Report } from '../verify/report.js';

export interface Origin {
  /** In ISO 8601. */
  readonly time?: string;
  /** Source of the time: the images, the container engine, or only the mtime of a file. */
  readonly timeOf?: 'images' | 'engine' | 'file';
  readonly machine?: string;
  readonly kernel?: string;
  /** Program and version. */
  readonly dumper?: string;
  /** Host name in the UTS namespace of the tasks, if they have their own. */
  readonly hostname?: string;
}

export function originOf(
  report: Report,
  noted: DumpOriginEntry | undefined,
  container: ContainerInfo | undefined,
): Origin {
  const { set } = report;
  const log = logBeside(set);
  return defined({
    ...timeOf(set, noted?.dumped_at, container),
    machine: noted?.machine ?? log.machine,
    kernel: noted?.kernel ?? log.kernel,
    dumper: noted?.dumped_by ?? log.dumper,
    hostname: container?.hostname || hostname(report),
  });
}

/** Removes undefined members. */
function defined(origin: { [K in keyof Origin]: Origin[K] | undefined }): Origin {
  return Object.fromEntries(Object.entries(origin).filter(([, value]) => value !== undefined));
}

/** Limit of JavaScript's dates in seconds since the epoch. */
const LAST_SECOND = 8_640_000_000_000n;

function timeOf(
  set: ImageSet,
  noted: bigint | undefined,
  container: ContainerInfo | undefined,
): Pick<Origin, 'time' | 'timeOf'> {
  if (noted !== undefined && noted <= LAST_SECOND)
    return { time: new Date(Number(noted) * 1000).toISOString(), timeOf: 'images' };
  if (container?.checkpointed) return { time: container.checkpointed, timeOf: 'engine' };
  // Files unpacked by this command have its time.
  if (unpackedFrom(set.dir)?.sizes.size) return {};
  const found = statSync(pathArg(set.path('inventory.img')), { throwIfNoEntry: false });
  return found === undefined ? {} : { time: found.mtime.toISOString(), timeOf: 'file' };
}

function hostname(report: Report): string | undefined {
  const { set } = report;
  for (const name of set.names()) {
    const parsed = parseFileName(name);
    if (parsed.is !== 'image' || parsed.kind !== 'UTSNS') continue;
    return report.attempt(() => set.single('UTSNS', parsed.id).nodename);
  }
  return undefined;
}

/** Number of bytes of a log to read; the relevant lines are at its beginning. */
const HEAD = 4096;

/** Parses the first lines of `dump.log`, which CRIU and our dump write with -v3 and more. */
function logBeside(set: ImageSet): Pick<Origin, 'machine' | 'kernel' | 'dumper'> {
  const folders = [set.dir, unpackedFrom(set.dir)?.beside ?? dirname(set.dir)];
  const path = folders.map((folder) => join(folder, 'dump.log')).find((file) => existsSync(pathArg(file)));
  if (path === undefined) return {};
  const text = headOf(path);
  const version = /Version: (\S+)(.*)/.exec(text);
  const running = /Running on (\S+) Linux (\S+)/.exec(text);
  return {
    ...(version && {
      dumper: `criu ${version[1]}${/TypeScript/.test(version[2] ?? '') ? ' (TypeScript)' : ''}`,
    }),
    ...(running?.[1] && running[2] && { machine: running[1], kernel: running[2] }),
  };
}

function headOf(path: string): string {
  try {
    const fd = openSync(pathArg(path), 'r');
    try {
      const bytes = Buffer.alloc(HEAD);
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, HEAD, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    // Without a readable log the report has fewer facts.
    return '';
  }
}
