import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { errorToData } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { onnxEngine } from '../engine/onnx-engine.ts';
import { checkpointFile } from './checkpoint-file.ts';
import { RemoteFeed } from './remote-feed.ts';
import { train } from './train.ts';
import { buffersOf, type FromWorker, type ToWorker, type WorkerTask } from './worker-messages.ts';

async function work(port: MessagePort, task: WorkerTask): Promise<void> {
  const send = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const feed = new RemoteFeed(send);
  const abort = new AbortController();
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'batch') feed.deliver(message.pass, message.batch);
    else {
      abort.abort();
      feed.cancel();
    }
  });
  const { program, initial, plan, threads, checkpoint } = task;
  try {
    const engine = await onnxEngine(program, initial, {
      runtime: nodeRuntime,
      adam: plan.settings,
      averaging: plan.settings.averaging,
      session: { threads },
    });
    const trained = await train(engine, plan, {
      feed,
      report: report => send({ kind: 'report', report }),
      signal: abort.signal,
      ...(checkpoint ? { checkpoints: checkpointFile(checkpoint.path, checkpoint.identity) } : {}),
    }).finally(() => engine.close());
    send({ kind: 'trained', trained }, buffersOf(trained.parameters));
  } catch (error) {
    send({ kind: 'error', error: errorToData(error) });
  } finally {
    port.close();
  }
}

if (parentPort) await work(parentPort, workerData as WorkerTask);
