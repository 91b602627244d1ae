import type { ElementType } from './dense-array.ts';

/** How files name element types; NumPy after its sign for the byte order. NumPy has no bfloat16. */
const NAMES: Readonly<Record<ElementType, { readonly npy?: string; readonly safetensors: string }>> = {
  float32: { npy: 'f4', safetensors: 'F32' },
  float64: { npy: 'f8', safetensors: 'F64' },
  float16: { npy: 'f2', safetensors: 'F16' },
  bfloat16: { safetensors: 'BF16' },
  int8: { npy: 'i1', safetensors: 'I8' },
  uint8: { npy: 'u1', safetensors: 'U8' },
  int16: { npy: 'i2', safetensors: 'I16' },
  uint16: { npy: 'u2', safetensors: 'U16' },
  int32: { npy: 'i4', safetensors: 'I32' },
  uint32: { npy: 'u4', safetensors: 'U32' },
  int64: { npy: 'i8', safetensors: 'I64' },
  uint64: { npy: 'u8', safetensors: 'U64' },
  bool: { npy: 'b1', safetensors: 'BOOL' },
};

type Format = 'npy' | 'safetensors';

export function nameOfType(type: ElementType, format: Format): string | undefined {
  return NAMES[type][format];
}

export function typeOfName(name: string, format: Format): ElementType | undefined {
  return (Object.keys(NAMES) as ElementType[]).find(type => NAMES[type][format] === name);
}

export function namesOfTypes(format: Format): string {
  return Object.values(NAMES)
    .flatMap(names => names[format] ?? [])
    .join(', ');
}
