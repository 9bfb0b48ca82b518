// Names of the files of a control group.

/** Whether a text is a valid name for a file of a group, without any path. */
export function isPropertyName(name: string): boolean {
  return /^[\w-]+(\.[\w-]+)*$/.test(name);
}
