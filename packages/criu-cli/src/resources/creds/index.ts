// Credentials of threads; each thread restores its own (`threads`). Labels of security modules are compared.
import { resource } from '../../engine/resource.js';
import { credsDump } from './dump.js';
import { checkLabels } from './label.js';

export const creds = resource({
  name: 'creds',
  dump: credsDump,
  restore: { plan: (ctx) => checkLabels(ctx) },
});
