// Reading
export { discardStaleLock, type LockOptions, withLock } from './locking/lock.ts';
export { openPlainFile, type PlainFile, type PlainFileOptions, readPlainFile } from './reading/plain-file.ts';
// Workers
export { type RequestContext, type ServeOptions, serveRequests } from './workers/serve-requests.ts';
export { startWorker } from './workers/start-worker.ts';
export {
  createWorkerClient,
  type RequestOptions,
  type WorkerClient,
  type WorkerClientOptions,
} from './workers/worker-client.ts';
// Writing
export {
  createWholeFile,
  type FileContent,
  type WholeFile,
  type WholeFileOptions,
  writeWholeFile,
} from './writing/whole-file.ts';
export { recoverWholeFolder, type WholeFolderOptions, writeWholeFolder } from './writing/whole-folder.ts';
export {
  requireWritableFile,
  requireWritableFolder,
  type WritableFileOptions,
} from './writing/writable-target.ts';
export { type WriteErrorOptions, writeError } from './writing/write-error.ts';
