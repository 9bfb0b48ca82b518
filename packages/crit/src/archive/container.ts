// The container of a checkpoint, from the files of its engine beside the images (config.dump, spec.dump and others).
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ImageSet, pathArg, type StatsEntry } from '@criu/images';
import { UsageError } from '../io.js';
import { type Unpacked, unpackedFrom } from './unpack.js';

export interface ContainerMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
}

export interface ContainerInfo {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly imageId: string;
  readonly engine: string;
  readonly runtime: string;
  /** Times in ISO 8601; empty if unknown. */
  readonly created: string;
  readonly checkpointed: string;
  readonly hostname: string;
  readonly command: readonly string[];
  readonly addresses: readonly string[];
  /** Hardware addresses of its network devices, as podman's network status has them. */
  readonly hardwareAddresses: readonly string[];
  /** Of Kubernetes; empty without a pod. */
  readonly pod: string;
  readonly namespace: string;
  /** Bytes of the images, of the contents of memory among them, and of changes to the root file system, if there are any. */
  readonly checkpointSize: number;
  readonly pagesSize: number;
  readonly rootfsDiffSize: number | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly statistics: StatsEntry['dump'] | undefined;
}

type Json = Record<string, unknown>;

function json(folder: string, name: string): Json | undefined {
  const path = join(folder, name);
  if (!existsSync(pathArg(path))) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(pathArg(path), 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch (error) {
    throw new UsageError(`${name}: not JSON: ${(error as Error).message}`);
  }
}

/** The string at a path of keys; empty without one. */
function at(value: unknown, ...keys: string[]): string {
  let now = value;
  for (const key of keys) now = typeof now === 'object' && now !== null ? (now as Json)[key] : undefined;
  return typeof now === 'string' ? now : '';
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function engineOf(annotations: Readonly<Record<string, string>>, beside: string): string {
  const manager = annotations['io.container.manager'];
  if (manager === 'libpod') return 'Podman';
  if (manager === 'cri-o') return 'CRI-O';
  const cri = Object.keys(annotations).some((key) => key.startsWith('io.kubernetes.cri.'));
  return cri || existsSync(join(beside, 'status')) ? 'containerd' : (manager ?? '');
}

/** The name in the pod: the own name that CRI-O and containerd give also contains that of the pod. */
function nameOf(annotations: Readonly<Record<string, string>>, own: string): string {
  return (
    annotations['io.kubernetes.cri.container-name'] ||
    annotations['io.kubernetes.container.name'] ||
    at(inJson(annotations['io.kubernetes.cri-o.Metadata']), 'name') ||
    own
  );
}

/** What an annotation has as JSON; undefined without one. */
function inJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** All values of a key in a text of network status. */
function valuesOf(network: unknown, wanted: string): string[] {
  if (typeof network !== 'object' || network === null) return [];
  return Object.entries(network).flatMap(([key, inner]) =>
    key === wanted && typeof inner === 'string' ? [inner] : valuesOf(inner, wanted),
  );
}

/** All addresses, without their masks. */
function addressesOf(annotations: Readonly<Record<string, string>>, network: Json | undefined): string[] {
  const found = Object.entries(annotations)
    .filter(([key]) => key.startsWith('io.kubernetes.cri-o.IP.'))
    .map(([, value]) => value);
  return [
    ...new Set([...found, ...valuesOf(network, 'ipnet').map((address) => address.replace(/\/\d+$/, ''))]),
  ];
}

/** A time that the engine has not set is in the year 1. */
function time(text: string): string {
  return text.startsWith('0001-') ? '' : text;
}

function statisticsOf({ images, beside }: Unpacked): StatsEntry['dump'] | undefined {
  for (const folder of [beside, images]) {
    if (!existsSync(pathArg(join(folder, 'stats-dump')))) continue;
    return new ImageSet(folder).entries('STATS', 'dump')[0]?.dump;
  }
  return undefined;
}

/** @throws UsageError if no engine has left files beside the images */
export function containerInfo(images: string): ContainerInfo {
  if (!existsSync(pathArg(images)))
    throw new UsageError(`${images}: there is no such file`, 'name an archive of a container');
  const from = unpackedFrom(images);
  const config = from && json(from.beside, 'config.dump');
  const spec = from && json(from.beside, 'spec.dump');
  if (!from || (!config && !spec))
    throw new UsageError(
      `${from?.origin ?? images}: nothing tells of a container (config.dump, spec.dump)`,
      'name an archive that podman, CRI-O or containerd has exported, or the folder that it was unpacked into',
    );
  const annotations = Object.fromEntries(
    Object.entries((spec?.['annotations'] as Json | undefined) ?? {}).map(([key, value]) => [
      key,
      String(value),
    ]),
  );
  const set = new ImageSet(images);
  const size = (names: string[]) =>
    names.reduce((sum, name) => sum + statSync(pathArg(join(images, name))).size, 0);
  const network = json(from.beside, 'network.status');
  const diff = join(from.beside, 'rootfs-diff.tar');
  const process = (spec?.['process'] ?? {}) as Json;
  return {
    name: nameOf(annotations, at(config, 'name')),
    id: at(config, 'id'),
    image:
      at(config, 'rootfsImageName') ||
      at(config, 'rootfsImage') ||
      (annotations['io.kubernetes.cri.image-name'] ?? ''),
    imageId: at(config, 'rootfsImageRef') || at(config, 'rootfsImageID'),
    engine: engineOf(annotations, from.beside),
    runtime: at(config, 'runtime') || at(config, 'ociRuntime'),
    created: time(at(config, 'createdTime')) || (annotations['io.kubernetes.cri-o.Created'] ?? ''),
    checkpointed: time(at(config, 'checkpointedTime')) || checkpointTime(images),
    hostname: at(spec, 'hostname'),
    command: list(process['args']).map(String),
    addresses: addressesOf(annotations, network),
    hardwareAddresses: [...new Set(valuesOf(network, 'mac_address'))],
    pod: annotations['io.kubernetes.cri.sandbox-name'] ?? annotations['io.kubernetes.pod.name'] ?? '',
    namespace:
      annotations['io.kubernetes.cri.sandbox-namespace'] ?? annotations['io.kubernetes.pod.namespace'] ?? '',
    checkpointSize: size(set.names()),
    pagesSize: size(set.names().filter((name) => name.startsWith('pages-'))),
    rootfsDiffSize: from.sizes.get('rootfs-diff.tar') ?? (existsSync(diff) ? statSync(diff).size : undefined),
    annotations,
    mounts: list(spec?.['mounts']).map((mount) => ({
      destination: at(mount, 'destination'),
      type: at(mount, 'type'),
      source: at(mount, 'source'),
    })),
    statistics: statisticsOf(from),
  };
}

/**
 * Images have no time of their own, so this is that of the file. Files unpacked by this command have its time and do
 * not count.
 */
function checkpointTime(images: string): string {
  if (unpackedFrom(images)?.sizes.size) return '';
  const file = join(images, 'inventory.img');
  return existsSync(pathArg(file)) ? statSync(pathArg(file)).mtime.toISOString() : '';
}
