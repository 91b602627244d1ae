import { workerData } from 'node:worker_threads';
import { serveRequests } from '@ood/core/node';
import { openEngine } from './engine.ts';
import type { EngineRequest, WorkerTask } from './worker-engine.ts';

const { folder, manifest, threads } = workerData as WorkerTask;
const opening = openEngine(folder, manifest, { threads });
// Told by the first request.
opening.catch(() => undefined);

serveRequests(async (request: EngineRequest) => {
  const engine = await opening;
  switch (request.kind) {
    case 'open':
      return null;
    case 'judge':
      return engine.judge(request.samples, request.batchSize);
    case 'explain':
      return engine.explain(request.sample);
    case 'close':
      await engine.close();
      return null;
  }
});
