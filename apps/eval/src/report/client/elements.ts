type Attributes = Readonly<Record<string, string | number | boolean | null>>;
type Child = Node | string;

/** An HTML element; texts become text nodes, never markup. Attributes of `null` and `false` are left out. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function filled<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  made.append(...children);
  return made;
}

/** An SVG chart of this size that scales to its container, with a name and a description for those who do not see it. */
export function chart(
  kind: string,
  [width, height]: readonly [number, number],
  { title, description }: { readonly title: string; readonly description: string },
): SVGSVGElement {
  return svg(
    'svg',
    { class: kind, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title },
    svg('desc', {}, description),
  );
}

/** Width at which a chart in this container is drawn. */
export function widthOf(container: Element, least = 260): number {
  return Math.max(least, Math.floor(container.clientWidth));
}

/** Calls `draw` when the container has got another width, but not for the width of paper: there charts scale. */
export function onResize(container: Element, draw: () => void): void {
  let width = container.clientWidth;
  new ResizeObserver(() => {
    if (container.clientWidth === width || matchMedia('print').matches) return;
    width = container.clientWidth;
    draw();
  }).observe(container);
}
