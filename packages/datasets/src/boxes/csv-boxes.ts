import type { ByteSource } from '../bytes/byte-source.ts';
import { unreadable } from '../errors.ts';
import { readRecords } from '../sources/csv.ts';
import type { FoundBox } from './box-list.ts';
import { COORDINATES, type Coordinates, coordinatesAmong, plainName } from './coordinates.ts';

/** Names of a column, or key, of each kind. */
export const IMAGE_NAMES = ['image', 'file', 'filename', 'imagepath', 'path'] as const;
export const LABEL_NAMES = ['label', 'class', 'category'] as const;

/** Boxes of a CSV file whose first line names the columns. */
export async function csvBoxes(source: ByteSource): Promise<FoundBox[]> {
  let columns: Columns | undefined;
  const found: FoundBox[] = [];
  await readRecords(source, ',', (cells, line) => {
    if (columns === undefined) {
      columns = columnsOf(source, cells);
      return;
    }
    if (cells.length !== columns.count)
      throw corrupt(source, line, `${columns.count} cells, as the header has`, `${cells.length}`);
    const { image, label, id, coordinates } = columns;
    const cell = (column: number | undefined) =>
      column === undefined || cells[column] === '' ? undefined : cells[column];
    const name = cell(image);
    if (name === undefined) throw corrupt(source, line, 'the path of an image', 'none');
    if (id !== undefined && cell(id) === undefined) throw corrupt(source, line, 'an id', 'none');
    const values = columns.numbers.map(column => numberOf(cells[column]!));
    const wrong = values.indexOf(undefined);
    if (wrong !== -1)
      throw corrupt(
        source,
        line,
        `a number as ${coordinates.names[wrong]}`,
        JSON.stringify(cells[columns.numbers[wrong]!]!.slice(0, 40)),
      );
    const box = coordinates.box(values as number[]);
    found.push({ image: name, box, id: cell(id), label: cell(label), place: `line ${line}` });
  });
  return found;
}

interface Columns {
  readonly count: number;
  readonly image: number;
  readonly label: number | undefined;
  readonly id: number | undefined;
  readonly coordinates: Coordinates;
  readonly numbers: readonly number[];
}

function columnsOf(source: ByteSource, header: readonly string[]): Columns {
  const names = header.map(plainName);
  const repeated = header.find((_, i) => names.indexOf(names[i]!) !== i);
  if (repeated !== undefined)
    throw corrupt(source, 1, 'names of columns, each once', `${JSON.stringify(repeated)} twice`);
  const one = (wanted: readonly string[], what: string): number | undefined => {
    const columns = names.flatMap((name, i) => (wanted.includes(name) ? [i] : []));
    if (columns.length <= 1) return columns[0];
    throw corrupt(source, 1, `one column of ${what}`, columns.map(i => header[i]).join(', '));
  };
  const image = one(IMAGE_NAMES, 'images');
  const among = coordinatesAmong(header);
  if (image === undefined || among.length !== 1)
    throw corrupt(
      source,
      1,
      image === undefined
        ? `a header with a column of images (${IMAGE_NAMES.join(', ')})`
        : `a header with the numbers of a box, in one way: ${COORDINATES}`,
      among.length > 1
        ? `${among.map(({ names }) => names.join(', ')).join(', and ')}`
        : JSON.stringify(header.join(',').slice(0, 120)),
    );
  const [coordinates] = among;
  return {
    count: header.length,
    image,
    label: one(LABEL_NAMES, 'labels'),
    id: one(['id'], 'ids'),
    coordinates: coordinates!,
    numbers: coordinates!.names.map(name => header.indexOf(name)),
  };
}

/** A number; NaN for what says that there is none: that box is refused, not the file. */
function numberOf(cell: string): number | undefined {
  if (/^(nan|null|none|n\/a|na|)$/i.test(cell)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(cell)) return cell.startsWith('-') ? -Infinity : Infinity;
  const value = Number(cell);
  return Number.isNaN(value) ? undefined : value;
}

function corrupt(source: ByteSource, line: number, expected: string, got: string) {
  return unreadable('CORRUPT_FILE', source, {
    expected: `${expected} in line ${line}`,
    got,
    advice: 'a file of boxes begins with a line like image,x1,y1,x2,y2',
  });
}
