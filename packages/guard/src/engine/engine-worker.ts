import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { errorToData } from '@ood/core';
import { openEngine } from './engine.ts';
import type { Reply, Request, WorkerTask } from './messages.ts';

async function serve(port: MessagePort, { folder, manifest, threads }: WorkerTask): Promise<void> {
  const reply = (message: Reply) => port.postMessage(message);
  try {
    const engine = await openEngine(folder, manifest, { threads });
    port.on('message', async (request: Request) => {
      const { id } = request;
      try {
        switch (request.kind) {
          case 'judge':
            return reply({ id, value: await engine.judge(request.samples, request.batchSize) });
          case 'explain':
            return reply({ id, value: await engine.explain(request.sample) });
          case 'close':
            await engine.close();
            reply({ id, value: null });
            return port.close();
        }
      } catch (error) {
        reply({ id, error: errorToData(error) });
      }
    });
    reply({ id: 0, value: null });
  } catch (error) {
    reply({ id: 0, error: errorToData(error) });
  }
}

if (parentPort) await serve(parentPort, workerData as WorkerTask);
