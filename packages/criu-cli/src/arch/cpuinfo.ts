// The CPU of a dump, and its comparison with the CPU of this machine.
export * from './x86_64/cpuinfo/index.js';
