import { createHash } from 'node:crypto';
import { canonicalJson } from '@ood/core';
import type { Task } from './task.ts';

/** SHA-256 (hex) of what a task compares on what: title, notes, number of seeds and the order of members do not count. */
export function hashTask({ title: _title, notes: _notes, seeds: _seeds, ...task }: Task): string {
  return createHash('sha256').update(canonicalJson(task)).digest('hex');
}
