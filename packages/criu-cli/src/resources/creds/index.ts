// Credentials of threads; each thread restores its own (`threads`).
import { resource } from '../../engine/resource.js';
import { credsDump } from './dump.js';

export const creds = resource({ name: 'creds', dump: credsDump });
