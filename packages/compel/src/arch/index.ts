// What depends on the processor, for the one kind that there is: another kind is another folder with the same names.
export * from './x86_64/index.js';
