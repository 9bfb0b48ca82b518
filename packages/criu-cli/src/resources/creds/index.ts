// Credentials of threads; each thread restores its own (`threads`), with the labels of security modules.
import { resource } from '../../engine/resource.js';
import { credsDump } from './dump.js';

export const creds = resource({ name: 'creds', dump: credsDump });
