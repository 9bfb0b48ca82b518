// Credentials and LSM labels of threads. Each thread restores its own (kind `threads`).
import { resource } from '../../engine/resource.js';
import { credsDump } from './dump.js';

export const creds = resource({ name: 'creds', dump: credsDump });
