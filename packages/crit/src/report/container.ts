// The section of a report about the container, if an engine has left files about it.
import { type ContainerInfo, containerInfo } from '../archive/container.js';
import { unpackedFrom } from '../archive/unpack.js';
import { containerFacts } from '../commands/show-container.js';
import { UsageError } from '../io.js';
import { type Html, html } from './html.js';
import { mono, table } from './tables.js';

/** Undefined for images without a container. */
export function containerOf(images: string): ContainerInfo | undefined {
  if (unpackedFrom(images) === undefined) return undefined;
  try {
    return containerInfo(images);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

export function containerSection(info: ContainerInfo): Html {
  const annotations = Object.entries(info.annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = (rows: readonly (readonly [string, string])[]) =>
    table(
      [
        { name: 'What', cell: ([name]) => name },
        { name: 'Value', look: 'wide', cell: ([, value]) => mono(value) },
      ],
      rows,
    );
  return html`<section id="container"><h2>Container</h2>
${pairs(containerFacts(info))}
${annotations.length > 0 && html`<details class="part"><summary><span>Annotations</span><span class="muted">${annotations.length}</span></summary>${pairs(annotations)}</details>`}
</section>`;
}
