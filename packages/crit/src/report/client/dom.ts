// Creates elements without markup, so that all texts from images stay text.

export type Child = Node | string | number | false | undefined | readonly Child[];

type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Creates an element: `h('a.name', { href: '#x' }, 'text')`. An attribute with a function is a listener for the event
 * of this name.
 */
export function h(what: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const [tag = 'div', ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  fill(element, attributes, children);
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
}

export function append(element: Element, children: Child): void {
  if (children === undefined || children === false) return;
  if (children instanceof Node) element.append(children);
  else if (typeof children === 'object') for (const child of children) append(element, child);
  else element.append(String(children));
}

/** An element of the page that the script needs. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

export const code = (text: string): HTMLElement => h('code', {}, text);

/** "4 KiB": at most one digit after the decimal point. */
export function sizeText(bytes: number): string {
  let size = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']) {
    if (size < 1023.95) return `${Number(size.toFixed(1))} ${unit}`;
    size /= 1024;
  }
  return `${size.toFixed(0)} EiB`;
}

export const plural = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
