// Signals: actions, masks and pending signals.
import { resource } from '../../engine/resource.js';
import { signalsDump } from './dump.js';
import { signalsRestore } from './restore.js';

export const signals = resource({ name: 'signals', dump: signalsDump, restore: signalsRestore });
