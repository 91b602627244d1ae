#!/bin/sh
# Builds packages/features/src/kernels/generated/kernels-wasm.ts from kernels.c. Needs clang 14 or newer with wasm-ld (lld).
set -e
cd "$(dirname "$0")/../../packages/features/src/kernels"
wasm=$(mktemp)
clang --target=wasm32 -msimd128 -mbulk-memory -O3 -ffreestanding -nostdlib \
  -Wl,--no-entry -Wl,--export=__heap_base -Wl,-z,stack-size=4096 -Wl,--strip-all -o "$wasm" kernels.c
{
  echo "// Made from ../kernels.c by tooling/feature-kernels/build.sh; do not edit."
  echo "export const kernelsWasm ="
  echo "  '$(base64 -w0 "$wasm")';"
} >generated/kernels-wasm.ts
rm "$wasm"
