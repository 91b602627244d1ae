import { type Dim, dimsText, ShapeProblem } from './shaped.ts';

/** The common shape of operands under NumPy's rules, or undefined where a rank is unknown. @throws ShapeProblem */
export function broadcast(...shapes: readonly (readonly Dim[] | undefined)[]): Dim[] | undefined {
  if (shapes.some(shape => shape === undefined)) return undefined;
  const known = shapes as readonly (readonly Dim[])[];
  const rank = Math.max(...known.map(shape => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = known
      .map(shape => shape[axis - rank + shape.length])
      .filter((size): size is Dim => size !== undefined && size !== 1);
    const fixed = sizes.filter(size => typeof size === 'number');
    if (fixed.some(size => size !== fixed[0])) {
      throw new ShapeProblem('shapes that broadcast together', known.map(dimsText).join(' and '));
    }
    if (sizes.length === 0) return 1;
    if (fixed.length > 0) return fixed[0]!;
    return sizes.every(size => size === sizes[0]) ? sizes[0]! : null;
  });
}
