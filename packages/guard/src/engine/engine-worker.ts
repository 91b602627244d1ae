import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openEngine } from './engine.ts';
import { errorData, type Reply, type Request, type WorkerTask } from './messages.ts';

async function serve(port: MessagePort, { folder, manifest, threads }: WorkerTask): Promise<void> {
  const reply = (message: Reply) => port.postMessage(message);
  try {
    const engine = await openEngine(folder, manifest, { threads });
    port.on('message', async (request: Request) => {
      const { id } = request;
      try {
        switch (request.kind) {
          case 'score':
            return reply({ id, value: await engine.score(request.samples, request.batchSize) });
          case 'explain':
            return reply({ id, value: await engine.explain(request.sample) });
          case 'close':
            await engine.close();
            reply({ id, value: null });
            return port.close();
        }
      } catch (error) {
        reply({ id, error: errorData(error) });
      }
    });
    reply({ id: 0, value: null });
  } catch (error) {
    reply({ id: 0, error: errorData(error) });
  }
}

if (parentPort) await serve(parentPort, workerData as WorkerTask);
