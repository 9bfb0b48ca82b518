// `crit show-container`: the container of a checkpoint.

import type { Argv, CommandModule } from 'yargs';
import type { ContainerInfo } from '../archive/container.js';
import { dataJson, Output } from '../io.js';
import { sizeText } from '../memory/size.js';
import { json } from './shared.js';

interface ShowContainerOptions {
  readonly dir: string;
  readonly json?: boolean | undefined;
}

export const showContainerCommand: CommandModule<object, ShowContainerOptions> = {
  command: 'show-container <dir>',
  describe:
    'Tell which container a checkpoint is of: engine, image, addresses, sizes, statistics, annotations, mounts',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', {
        type: 'string',
        demandOption: true,
        describe:
          'Archive that podman, CRI-O or containerd has exported, or the folder that it was unpacked into',
      })
      .option('json', json) as unknown as Argv<ShowContainerOptions>,
  handler: async ({ dir, json }) => {
    const { containerInfo } = await import('../archive/container.js');
    const info = containerInfo(dir);
    const output = new Output(undefined);
    output.write(json ? dataJson(info) : containerText(info));
    output.close();
  },
};

/** The known facts as pairs of name and value. */
export function containerFacts(info: ContainerInfo): [name: string, value: string][] {
  const { statistics } = info;
  const facts: [string, string | undefined][] = [
    ['Container', info.name],
    ['ID', info.id],
    ['Image', info.image],
    ['Image ID', info.imageId],
    ['Engine', info.engine],
    ['Runtime', info.runtime],
    ['Created', info.created],
    ['Checkpointed', info.checkpointed],
    ['Host name', info.hostname],
    ['Command', info.command.join(' ')],
    ['Pod', info.pod],
    ['Namespace', info.namespace],
    ['IP', info.addresses.join(', ')],
    ['MAC', info.hardwareAddresses.join(', ')],
    ['Checkpoint size', sizeText(info.checkpointSize)],
    ['Memory pages size', sizeText(info.pagesSize)],
    ['Root fs diff size', info.rootfsDiffSize === undefined ? undefined : sizeText(info.rootfsDiffSize)],
  ];
  if (statistics) {
    const { freezing_time, frozen_time, memdump_time, memwrite_time, pages_scanned, pages_written } =
      statistics;
    const time = (microseconds: number) => `${(microseconds / 1000).toFixed(1)} ms`;
    facts.push(
      ['Freezing time', time(freezing_time)],
      ['Frozen time', time(frozen_time)],
      ['Memory dump time', time(memdump_time)],
      ['Memory write time', time(memwrite_time)],
      ['Pages scanned', String(pages_scanned)],
      ['Pages written', String(pages_written)],
    );
  }
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}

function containerText(info: ContainerInfo): string {
  const lines = (rows: readonly (readonly string[])[], indent = '') => {
    const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length))) ?? [];
    return rows
      .map(
        (row) =>
          `${indent}${row
            .map((cell, i) => cell.padEnd(widths[i] ?? 0))
            .join('  ')
            .trimEnd()}\n`,
      )
      .join('');
  };
  let text = lines(containerFacts(info).map(([name, value]) => [`${name}:`, value]));
  const annotations = Object.entries(info.annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  if (annotations.length > 0)
    text += `\nAnnotations:\n${lines(
      annotations.map(([key, value]) => [`${key}:`, value]),
      '  ',
    )}`;
  if (info.mounts.length > 0)
    text += `\nMounts:\n${lines(
      info.mounts.map((mount) => [mount.destination, mount.type, mount.source]),
      '  ',
    )}`;
  return text;
}
