// The CPU of the dump: recorded, and compared before a restore creates anything, if `--cpu-cap` asks for it.
import { checkCpu, cpuFacts, cpuinfoEntry } from '../../arch/cpuinfo.js';
import { resource } from '../../engine/resource.js';

export const cpuinfo = resource({
  name: 'cpuinfo',
  dump: {
    afterDescribe(ctx) {
      const classes = ctx.options.cpuCap ?? [];
      if (classes.length > 0) ctx.images.add('CPUINFO', cpuinfoEntry(cpuFacts()));
    },
  },
  restore: {
    plan(ctx) {
      const classes = ctx.options.cpuCap ?? [];
      if (classes.length === 0) return;
      ctx.prepare('compare the processor', () => checkCpu(ctx.checkpoint.source, classes));
    },
  },
});
