import { CoreError, OodError } from '../../../src/index.ts';
import { serveRequests } from '../../../src/node/index.ts';

class CustomError extends OodError<'NO_HEAD'> {
  override readonly name = 'CustomError';
  constructor(cause: unknown) {
    super(
      'NO_HEAD',
      { NO_HEAD: 'input' },
      {
        where: 'model.onnx',
        expected: 'a head',
        got: 'none',
        advice: 'name it',
        details: { names: ['a', 'b'], nested: { count: 2 } },
        cause,
      },
    );
  }
}

let aborted = 0;

serveRequests(async (request: { do: string; value?: unknown }, { signal }) => {
  switch (request.do) {
    case 'echo':
      return request.value;
    case 'throw':
      throw new CustomError(
        new CoreError('DISK_FULL', {
          where: 'x',
          expected: 'room',
          got: 'none',
          cause: new TypeError('deepest'),
        }),
      );
    case 'throw-text':
      throw 'only words';
    case 'not-sendable':
      return () => 0;
    case 'wait':
      return new Promise(resolve => {
        signal.addEventListener('abort', () => {
          aborted++;
          resolve(null);
        });
      });
    case 'aborted':
      return aborted;
    case 'exit':
      return process.exit(3);
    case 'crash':
      setTimeout(() => {
        throw new Error('a defect');
      });
      return new Promise(() => undefined);
    default:
      throw new TypeError(request.do);
  }
});
