// The inner loops of this package as WebAssembly with SIMD: resampling, normalisation by table, half floats. Built into
// generated/kernels-wasm.ts by tooling/feature-kernels/build.sh.
#include <stdint.h>
#include <wasm_simd128.h>

#define PRECISION_BITS 22
#define HALF (1 << (PRECISION_BITS - 1))
#define EXPORT(name) __attribute__((export_name(name)))

static inline uint8_t clip(int32_t sum) {
  int32_t value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

static inline v128_t widen4(v128_t bytes) {
  return wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(bytes));
}

static inline v128_t pack4(v128_t sums) {
  v128_t values = wasm_i32x4_shr(sums, PRECISION_BITS);
  v128_t words = wasm_i16x8_narrow_i32x4(values, values);
  return wasm_u8x16_narrow_i16x8(words, words);
}

// The two passes of the resampler. Sums are 32-bit integers with 22 fraction bits, as in Pillow: the bytes are the same in
// any order of summation.

// Reads one byte beyond the last pixel and writes one beyond the last output pixel.
EXPORT("horizontal3")
void horizontal3(const uint8_t *source, int stride, int rows, const int32_t *first, const int32_t *count,
                 const int32_t *weights, int taps, int width, uint8_t *out) {
  for (int y = 0; y < rows; y++, source += stride) {
    for (int x = 0; x < width; x++, out += 3) {
      const uint8_t *p = source + first[x] * 3;
      const int32_t *w = weights + x * taps;
      v128_t sum = wasm_i32x4_splat(HALF);
      for (int t = 0; t < count[x]; t++, p += 3)
        sum = wasm_i32x4_add(sum, wasm_i32x4_mul(widen4(wasm_v128_load32_zero(p)), wasm_i32x4_splat(w[t])));
      wasm_v128_store32_lane(out, pack4(sum), 0);
    }
  }
}

EXPORT("horizontal1")
void horizontal1(const uint8_t *source, int stride, int rows, const int32_t *first, const int32_t *count,
                 const int32_t *weights, int taps, int width, uint8_t *out) {
  for (int y = 0; y < rows; y++, source += stride) {
    for (int x = 0; x < width; x++) {
      const uint8_t *p = source + first[x];
      const int32_t *w = weights + x * taps;
      int32_t sum = HALF;
      for (int t = 0; t < count[x]; t++) sum += p[t] * w[t];
      *out++ = clip(sum);
    }
  }
}

EXPORT("vertical")
void vertical(const uint8_t *source, int stride, const int32_t *first, const int32_t *count, const int32_t *weights,
              int taps, int height, uint8_t *out) {
  for (int y = 0; y < height; y++) {
    const uint8_t *top = source + first[y] * stride;
    const int32_t *w = weights + y * taps;
    int n = count[y];
    int i = 0;
    for (; i + 16 <= stride; i += 16) {
      const uint8_t *p = top + i;
      v128_t a = wasm_i32x4_splat(HALF), b = a, c = a, d = a;
      for (int t = 0; t < n; t++, p += stride) {
        v128_t weight = wasm_i32x4_splat(w[t]);
        v128_t bytes = wasm_v128_load(p);
        v128_t low = wasm_u16x8_extend_low_u8x16(bytes), high = wasm_u16x8_extend_high_u8x16(bytes);
        a = wasm_i32x4_add(a, wasm_i32x4_mul(wasm_u32x4_extend_low_u16x8(low), weight));
        b = wasm_i32x4_add(b, wasm_i32x4_mul(wasm_u32x4_extend_high_u16x8(low), weight));
        c = wasm_i32x4_add(c, wasm_i32x4_mul(wasm_u32x4_extend_low_u16x8(high), weight));
        d = wasm_i32x4_add(d, wasm_i32x4_mul(wasm_u32x4_extend_high_u16x8(high), weight));
      }
      v128_t ab = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, PRECISION_BITS), wasm_i32x4_shr(b, PRECISION_BITS));
      v128_t cd = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(c, PRECISION_BITS), wasm_i32x4_shr(d, PRECISION_BITS));
      wasm_v128_store(out + i, wasm_u8x16_narrow_i16x8(ab, cd));
    }
    for (; i < stride; i++) {
      const uint8_t *p = top + i;
      int32_t sum = HALF;
      for (int t = 0; t < n; t++, p += stride) sum += *p * w[t];
      out[i] = clip(sum);
    }
    out += stride;
  }
}

// out[c][i] = table[c][pixels[i][c]]
EXPORT("planes")
void planes(const uint8_t *pixels, int count, int channels, const float *table, float *out) {
  for (int c = 0; c < channels; c++, table += 256) {
    const uint8_t *p = pixels + c;
    for (int i = 0; i < count; i++, p += channels) *out++ = table[*p];
  }
}

// Half floats, by F. Giesen's branch-free conversions ("float->half variants", 2012). Both take multiples of 4 values.

EXPORT("toFloat16")
void to_float16(const float *source, int count, uint16_t *out) {
  const v128_t infinity16 = wasm_i32x4_splat(0x7c00), smallest = wasm_i32x4_splat(0x38800000);
  const v128_t overflow = wasm_i32x4_splat(0x47800000), nan32 = wasm_i32x4_splat(0x7f800000);
  // Adding 1/2 puts the bits of a subnormal half float at the end of the fraction, rounded.
  const v128_t half = wasm_f32x4_splat(0.5f);
  for (int i = 0; i < count; i += 4) {
    v128_t bits = wasm_v128_load(source + i);
    v128_t magnitude = wasm_v128_and(bits, wasm_i32x4_splat(0x7fffffff));
    v128_t sign = wasm_v128_and(wasm_u32x4_shr(bits, 16), wasm_i32x4_splat(0x8000));
    v128_t odd = wasm_v128_and(wasm_u32x4_shr(magnitude, 13), wasm_i32x4_splat(1));
    v128_t normal = wasm_u32x4_shr(wasm_i32x4_add(wasm_i32x4_sub(magnitude, wasm_i32x4_splat(0x37fff001)), odd), 13);
    v128_t subnormal = wasm_i32x4_sub(wasm_f32x4_add(magnitude, half), half);
    v128_t special = wasm_v128_bitselect(wasm_i32x4_splat(0x7e00), infinity16, wasm_i32x4_gt(magnitude, nan32));
    v128_t value = wasm_v128_bitselect(subnormal, normal, wasm_i32x4_lt(magnitude, smallest));
    value = wasm_v128_bitselect(special, value, wasm_i32x4_ge(magnitude, overflow));
    value = wasm_v128_or(value, sign);
    wasm_v128_store64_lane(out + i, wasm_u16x8_narrow_i32x4(value, value), 0);
  }
}

EXPORT("fromFloat16")
void from_float16(const uint16_t *source, int count, float *out) {
  const v128_t scale = wasm_f32x4_splat(0x1p112f);
  for (int i = 0; i < count; i += 4) {
    v128_t bits = wasm_u32x4_load16x4(source + i);
    v128_t magnitude = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x7fff)), 13);
    v128_t sign = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x8000)), 16);
    v128_t special = wasm_i32x4_ge(magnitude, wasm_i32x4_splat(0x7c00 << 13));
    v128_t value = wasm_f32x4_mul(magnitude, scale);
    value = wasm_v128_or(value, wasm_v128_and(special, wasm_i32x4_splat(0x7f800000)));
    wasm_v128_store(out + i, wasm_v128_or(value, sign));
  }
}
