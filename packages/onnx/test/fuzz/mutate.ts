import { isMessage } from '@bufbuild/protobuf';
import type { Random } from '@ood/core';
import type { GraphProto, ModelProto } from '@ood/onnx';

/** Bytes that are likely to matter: extremes, varint continuations, field tags of the format. */
const TELLING = [0, 1, 0x08, 0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x3a, 0x42, 0x7f, 0x80, 0xff];

/** Returns the bytes with a few of them changed, cut, repeated, moved, or overwritten by a part of another file. */
export function mutateBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let result: Uint8Array<ArrayBuffer> = Uint8Array.from(bytes);
  for (let edits = 1 + random.below(6); edits > 0; edits--) {
    const at = random.below(result.length + 1);
    const length = random.below(1 + Math.min(64, result.length - at));
    const part = result.slice(at, at + length);
    const other = others[random.below(others.length)]!;
    const from = random.below(other.length + 1);
    switch (random.below(7)) {
      case 0:
        if (at < result.length) result[at] = random.below(256);
        break;
      case 1:
        if (at < result.length) result[at] = TELLING[random.below(TELLING.length)]!;
        break;
      case 2:
        result = joined(result.slice(0, at), result.slice(at + length));
        break;
      case 3:
        result = joined(result.slice(0, at), part, result.slice(at));
        break;
      case 4:
        result = joined(result.slice(0, at), other.slice(from, from + length), result.slice(at));
        break;
      case 5:
        if (random.below(4) === 0) result = result.slice(0, at);
        break;
      default:
        result.set(
          Uint8Array.from({ length }, () => 0xff),
          at,
        );
    }
  }
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap(part => [...part]));
}

const NUMBERS = [0, 1, -1, 2, 7, 255, 65_536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31)];
const BIG = [0n, 1n, -1n, 2n, 3n, 64n, 2n ** 31n, 2n ** 40n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];
const NAMES = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'x',
  'y',
  'Identity',
  'Constant',
  'Concat',
  'Loop',
  'If',
];

/** Returns the model with a few values of its fields replaced by extremes, by each other, or taken away. */
export function mutateModel(model: ModelProto, random: Random): ModelProto {
  const copy = structuredClone(model);
  const graph = copy.graph as GraphProto;
  for (let edits = 1 + random.below(5); edits > 0; edits--) {
    const objects = messagesOf(graph);
    const object = objects[random.below(objects.length)]! as Record<string, unknown>;
    const keys = Object.keys(object).filter(key => !key.startsWith('$'));
    const key = keys[random.below(keys.length)];
    if (key !== undefined) object[key] = replaced(object[key], random);
  }
  return copy;
}

function replaced(value: unknown, random: Random): unknown {
  if (typeof value === 'bigint') return BIG[random.below(BIG.length)];
  if (typeof value === 'number') return NUMBERS[random.below(NUMBERS.length)];
  if (typeof value === 'string') return NAMES[random.below(NAMES.length)];
  if (!Array.isArray(value) || value.length === 0) return value;
  const i = random.below(value.length);
  const j = random.below(value.length);
  switch (random.below(4)) {
    case 0:
      return value.filter((_, k) => k !== i);
    case 1:
      return [...value, value[i]];
    case 2:
      return value.map((item, k) => (k === i ? value[j] : k === j ? value[i] : item));
    default:
      return value.map((item, k) => (k === i ? replaced(item, random) : item));
  }
}

function messagesOf(value: unknown, found: object[] = []): object[] {
  if (Array.isArray(value)) for (const item of value) messagesOf(item, found);
  else if (isMessage(value) || (typeof value === 'object' && value !== null && 'case' in value)) {
    found.push(value);
    for (const inner of Object.values(value)) messagesOf(inner, found);
  }
  return found;
}
