// The processor that a dump was made on, and whether the one here has what it had.
export * from './x86_64/cpuinfo/index.js';
