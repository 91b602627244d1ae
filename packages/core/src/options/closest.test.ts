import { expect, it } from 'vitest';
import { closest } from './closest.ts';

const known = ['knn', 'mahalanobis', 'mahalanobis++', 'relative-mahalanobis', 'energy', 'fde', 'fde-fused'];

it.each([
  ['mahalanobis+', 'mahalanobis'],
  ['mahalonobis', 'mahalanobis'],
  ['enregy', 'energy'],
  ['KNN', 'knn'],
  ['kn', 'knn'],
  ['fde_fused', 'fde-fused'],
  ['fde', 'fde'],
])('takes %s for %s', (given, meant) => {
  expect(closest(given, known)).toBe(meant);
});

it.each(['', 'xyz', 'isolation-forest', 'm'.repeat(61)])('finds nothing near %j', given => {
  expect(closest(given, known)).toBeUndefined();
});
