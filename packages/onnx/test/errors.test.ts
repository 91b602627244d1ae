import { OnnxError } from '@ood/onnx';
import { describe, expect, test } from 'vitest';

const parts = { where: 'tensor "x"', expected: 'float32', got: 'int64' };

describe('An error', () => {
  test('says where, what was expected, what came and what to do, and holds it as data', () => {
    const cause = new Error('below');
    const error = new OnnxError('WRONG_TYPE', {
      ...parts,
      advice: 'convert it',
      details: { tensor: 'x' },
      cause,
    });
    expect(error.message).toBe('tensor "x": expected float32, got int64; convert it');
    expect(error).toMatchObject({ name: 'OnnxError', code: 'WRONG_TYPE', cause });
    expect(error.details).toEqual({ tensor: 'x' });
  });

  test('without advice ends with what came', () => {
    expect(new OnnxError('WRONG_TYPE', parts).message).toBe('tensor "x": expected float32, got int64');
  });

  test('says whose turn it is', () => {
    expect(new OnnxError('WRONG_TYPE', parts).kind).toBe('usage');
    expect(new OnnxError('CORRUPT_FILE', parts).kind).toBe('input');
    expect(new OnnxError('MISSING_PROVIDER', parts).kind).toBe('environment');
  });
});
