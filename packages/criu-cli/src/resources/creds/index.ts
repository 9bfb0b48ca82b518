// Credentials and LSM labels of threads, and the policies of AppArmor that their labels need. Each thread restores its own credentials
// (kind `threads`).
import { resource } from '../../engine/resource.js';
import { planPolicies } from './apparmor/restore.js';
import { credsDump } from './dump.js';

export const creds = resource({
  name: 'creds',
  dump: credsDump,
  restore: { plan: planPolicies },
});
