/** What bundles for browsers get in place of `@ood/core/node`, so that code that would need it only in Node can be bundled. */
import { nodeOnly } from '../errors/node-only.ts';

const refuse = (name: string) =>
  nodeOnly(name, 'pass bytes instead of paths, and do without files and threads of Node');

export const createWholeFile = refuse('createWholeFile');
export const createWorkerClient = refuse('createWorkerClient');
export const discardStaleLock = refuse('discardStaleLock');
export const openPlainFile = refuse('openPlainFile');
export const readPlainFile = refuse('readPlainFile');
export const recoverWholeFolder = refuse('recoverWholeFolder');
export const requireWritableFile = refuse('requireWritableFile');
export const requireWritableFolder = refuse('requireWritableFolder');
export const serveRequests = refuse('serveRequests');
export const startWorker = refuse('startWorker');
export const withLock = refuse('withLock');
export const writeError = refuse('writeError');
export const writeWholeFile = refuse('writeWholeFile');
export const writeWholeFolder = refuse('writeWholeFolder');
