// Everything that depends on the CPU architecture. Each architecture is a folder with the same exports; x86_64 is the
// only one so far.
export * from './x86_64/index.js';
