// A checkpoint as one HTML page.
import { type ReportOptions, reportData } from './data.js';
import { reportHtml } from './page.js';

export type { MountNamespace, MountRow } from '../mounts.js';
export type { Connection, ConnectionEnd } from './connections.js';
export type { Credentials, Variable } from './credentials.js';
export type * from './data.js';
export type { DescriptorUse } from './descriptors.js';
export type { NamespaceKind, NamespaceUse } from './namespaces.js';
export type { Origin } from './origin.js';
export { reportData, reportHtml };

/**
 * One self-contained HTML page about a checkpoint. Invalid images are left out, and listed as problems.
 * @throws ImageError if the directory cannot be read
 */
export function report(dir: string, options: ReportOptions = {}): string {
  return reportHtml(reportData(dir, options));
}
