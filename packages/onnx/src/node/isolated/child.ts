import { errorToData } from '@ood/core';
import { OnnxError } from '../../errors.ts';
import type { Session, Tensor } from '../../session/session.ts';
import { engine } from '../engine.ts';
import { nodeRuntime } from '../node-runtime.ts';
import type { Created, IsolationLimits, Ready, Reply, Request } from './messages.ts';
import { startWatchdog } from './watchdog.ts';

/** Time beyond the deadline that the parent has to kill this process itself, and so to know why. */
const GRACE = 1000;

/** Serves sessions to the process that started this one. */
function serve({ maxMemory, maxOutputBytes }: IsolationLimits): void {
  const watchdog = startWatchdog(maxMemory);
  const sessions = new Map<number, Session>();
  let last = 0;

  const answer = async (request: Request): Promise<Created | Record<string, Tensor> | null> => {
    if (request.kind === 'create') {
      const session = await nodeRuntime.createSession(request.model, request.options);
      sessions.set(++last, session);
      return { session: last, inputs: session.inputs, outputs: session.outputs };
    }
    const session = sessions.get(request.session);
    if (request.kind === 'close') {
      await session?.close();
      sessions.delete(request.session);
      return null;
    }
    const results = await session!.run(request.feeds, request.fetches);
    checkSize(results, maxOutputBytes);
    return results;
  };

  process.on('message', async (request: Request) => {
    const reply = (message: Reply) => process.send?.(message);
    const { id } = request;
    watchdog.expect(Date.now() + request.deadline + GRACE);
    try {
      reply({ id, value: await answer(request) });
    } catch (error) {
      reply({ id, error: errorToData(error) });
    } finally {
      watchdog.rest();
    }
  });
  process.on('disconnect', () => process.exit());
  // Loading the engine is not the time of any model.
  try {
    engine();
  } catch {
    // Said by the first request.
  }
  process.send?.({ ready: true } satisfies Ready);
}

function checkSize(results: Readonly<Record<string, Tensor>>, maxOutputBytes: number): void {
  for (const [name, { dims, data }] of Object.entries(results)) {
    const bytes = 'byteLength' in data ? data.byteLength : data.reduce((sum, text) => sum + text.length, 0);
    if (bytes <= maxOutputBytes) continue;
    throw new OnnxError('TOO_LARGE', {
      where: `output ${JSON.stringify(name)}`,
      expected: `at most ${maxOutputBytes} bytes from a model in a process of its own`,
      got: `[${dims.join(', ')}], ${bytes} bytes`,
      details: { output: name, dims, bytes },
    });
  }
}

serve(JSON.parse(process.argv[2]!) as IsolationLimits);
