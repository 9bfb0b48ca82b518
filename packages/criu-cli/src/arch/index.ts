// Everything that depends on the CPU architecture. Each architecture is a folder with the same exports; x86_64 is the
// only one so far.

export { BREAKPOINT_CODE, breakAt, PROGRAM_COUNTER } from './x86_64/breakpoint.js';
export { askCpuFaults, setCpuFaults } from './x86_64/cpu-faults.js';
export { HUGE_PAGE } from './x86_64/huge-pages.js';
export { restartedCall } from './x86_64/interrupted-call.js';
export { type FirstHandler, gpregsEntry } from './x86_64/registers.js';
export { userRegs, xsaveArea, xsavePlaces } from './x86_64/restore-registers.js';
export { askOwnSegments } from './x86_64/segments.js';
export { askTaggedAddresses } from './x86_64/tagged-addresses.js';
export { MAP_VDSO, vdsoSymbols } from './x86_64/vdso.js';
export { fpregsEntry, lostComponents } from './x86_64/xsave.js';
