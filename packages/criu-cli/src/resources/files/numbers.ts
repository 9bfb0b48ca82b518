// Descriptor numbers of open files while tasks are restored.
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { stateKey } from '../../states.js';

/** Descriptor numbers of files in one task: temporary ones by file id, and final ones. */
export class TaskNumbers {
  readonly temps = new Map<number, number>();

  constructor(private readonly plan: TaskPlan) {}

  readonly temp = (id: number): number => {
    let fd = this.temps.get(id);
    if (fd === undefined) {
      fd = this.plan.tempFd();
      this.temps.set(id, fd);
    }
    return fd;
  };

  readonly finalFds = (id: number): number[] => this.plan.fdsOf(id).map(({ fd }) => fd);
}

/** Descriptor numbers of files in tasks, shared by the modules that need files by id. */
export class FileNumbers {
  private readonly tasks = new Map<TaskPlan, TaskNumbers>();

  of(plan: TaskPlan): TaskNumbers {
    let mine = this.tasks.get(plan);
    if (!mine) {
      mine = new TaskNumbers(plan);
      this.tasks.set(plan, mine);
    }
    return mine;
  }

  temp(plan: TaskPlan, id: number): number {
    return this.of(plan).temp(id);
  }

  has(plan: TaskPlan, id: number): boolean {
    return this.tasks.get(plan)?.temps.has(id) ?? false;
  }
}

export const fileNumbers = stateKey('descriptor numbers of files', (_: PlanContext) => new FileNumbers());
