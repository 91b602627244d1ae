import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A web server on this machine with one handler a path; `requests` has the range header of each request. */
export interface LoopbackServer {
  readonly url: string;
  readonly requests: { readonly path: string; readonly range: string | undefined }[];
  on(path: string, handler: Handler): string;
}

export async function loopbackServer(): Promise<LoopbackServer> {
  const handlers = new Map<string, Handler>();
  const requests: LoopbackServer['requests'] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url!;
    const count = requests.filter(seen => seen.path === path).length;
    requests.push({ path, range: request.headers.range });
    const handler = handlers.get(path);
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response, count);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    on(path, handler) {
      handlers.set(path, handler);
      return url + path;
    },
  };
}

/** Serves bytes as a good server does: with length, ETag and ranges. */
export function serve(bytes: Buffer, etag = '"v1"'): Handler {
  return (request, response) => {
    const start = rangeStart(request, bytes, etag);
    if (start !== undefined && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(start === undefined ? 200 : 206, {
      etag,
      'content-length': bytes.length - (start ?? 0),
      ...(start === undefined
        ? {}
        : { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.end(bytes.subarray(start ?? 0));
  };
}

/** Start of the asked range, unless the file is another one by now. */
export function rangeStart(request: IncomingMessage, _bytes: Buffer, etag: string): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const wanted = request.headers['if-range'];
  return start === undefined || (wanted !== undefined && wanted !== etag) ? undefined : Number(start);
}

/** Seeded bytes that do not compress. */
export function randomBytes(length: number, seed = 1): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
