import { isOnnxError, OnnxError } from '@ood/onnx';
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
    expect(error.details).toEqual({ where: 'tensor "x"', tensor: 'x' });
  });

  test('without advice ends with what came', () => {
    expect(new OnnxError('WRONG_TYPE', parts).message).toBe('tensor "x": expected float32, got int64');
  });

  test('is recognised by its marker and name, also from another copy of the package', () => {
    const copy = Object.assign(new Error('x'), { name: 'OnnxError', [Symbol.for('ood.error')]: true });
    expect(isOnnxError(new OnnxError('WRONG_TYPE', parts))).toBe(true);
    expect(isOnnxError(copy)).toBe(true);
    expect(isOnnxError(Object.assign(new Error('x'), { name: 'OnnxError' }))).toBe(false);
    expect(isOnnxError(Object.assign(copy, { name: 'GuardError' }))).toBe(false);
  });
});
