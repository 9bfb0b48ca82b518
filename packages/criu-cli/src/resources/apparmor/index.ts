// Policies of AppArmor's namespaces.
import { resource } from '../../engine/resource.js';
import { apparmorDump } from './dump.js';
import { apparmorRestore } from './restore.js';

export const apparmor = resource({ name: 'apparmor', dump: apparmorDump, restore: apparmorRestore });
