import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DownloadOptions, type DownloadProgress, downloadFile, type RemoteFile } from '../src/index.ts';
import {
  type Handler,
  loopbackServer,
  randomBytes,
  rangeStart,
  serve,
  sha256,
} from './support/loopback-server.ts';
import { tempFolder } from './support/temp-folder.ts';

const folder = tempFolder();
const server = await loopbackServer();
const bytes = randomBytes(600_000);
const known = { bytes: bytes.length, sha256: sha256(bytes) };
let next = 0;

/** A path of its own for each case: a file there, its address here. */
function place(handler: Handler) {
  const name = `/file-${next++}`;
  return { target: join(folder, name), url: server.on(name, handler), path: name };
}

const quick: DownloadOptions = {
  fetch: (url, init) => fetch(url, init),
  backoffMs: 1,
  stallMs: 300,
  retries: 3,
};
const download = (file: RemoteFile, target: string, options: Partial<DownloadOptions> = {}) =>
  downloadFile(file, target, { ...quick, ...options });
const rangesOf = (path: string) => server.requests.filter(seen => seen.path === path).map(seen => seen.range);

/** Sends the first `part` of what is asked, then cuts the connection. */
const dies =
  (part: number, times: number): Handler =>
  (request, response, count) => {
    if (count >= times) return serve(bytes)(request, response, count);
    const start = rangeStart(request, bytes, '"v1"') ?? 0;
    const rest = bytes.subarray(start);
    response.writeHead(start === 0 ? 200 : 206, {
      etag: '"v1"',
      'content-length': rest.length,
      ...(start === 0 ? {} : { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.write(rest.subarray(0, Math.ceil(rest.length * part)), () => response.socket?.destroy());
  };

describe('a download', () => {
  it('gets its name only after it was verified, and reports progress', async () => {
    const { target, url } = place(serve(bytes));
    const seen: DownloadProgress[] = [];
    const onProgress = (progress: DownloadProgress) => {
      seen.push(progress);
      expect(existsSync(target)).toBe(false);
    };
    const checksums = await download({ urls: [url], ...known }, target, { onProgress });
    expect(checksums).toMatchObject(known);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(existsSync(`${target}.incomplete`) || existsSync(`${target}.incomplete.json`)).toBe(false);
    expect(seen.filter(({ stage }) => stage === 'download').at(-1)).toMatchObject({
      done: 600_000,
      total: 600_000,
    });
    expect(seen.at(-1)).toMatchObject({ stage: 'verify', done: 600_000 });
  });

  it('resumes where the server died, again and again', async () => {
    const { target, url, path } = place(dies(0.4, 4));
    await download({ urls: [url], ...known }, target);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    const starts = rangesOf(path).map(range => Number(/\d+/.exec(range ?? '0')![0]));
    expect(starts).toHaveLength(5);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts[1]).toBeGreaterThan(0);
  });

  it('resumes in a later run what an aborted one left', async () => {
    const { target, url, path } = place((request, response, count) => {
      if (count > 0) return serve(bytes)(request, response, count);
      response
        .writeHead(200, { etag: '"v1"', 'content-length': bytes.length })
        .write(bytes.subarray(0, 250_000));
    });
    const abort = new AbortController();
    const onProgress = ({ done }: DownloadProgress) => {
      if (done === 250_000) abort.abort(new Error('stop'));
    };
    await expect(
      download({ urls: [url], ...known }, target, { signal: abort.signal, onProgress }),
    ).rejects.toThrow('stop');
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.incomplete`)).toBe(true);
    await download({ urls: [url], ...known }, target);
    expect(rangesOf(path)[1]).toBe('bytes=250000-');
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  it('starts again where the file changed in between', async () => {
    const other = randomBytes(500_000, 2);
    const { target, url, path } = place((request, response, count) =>
      count === 0 ? dies(0.5, 1)(request, response, count) : serve(other, '"v2"')(request, response, count),
    );
    const checksums = await download({ urls: [url] }, target);
    expect(checksums.sha256).toBe(sha256(other));
    expect(rangesOf(path)[1]).toMatch(/^bytes=/);
  });

  it('starts again where the server refuses ranges', async () => {
    const { target, url } = place((request, response, count) => {
      if (count === 0) return dies(0.5, 1)(request, response, count);
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    });
    expect(await download({ urls: [url], ...known }, target)).toMatchObject(known);
  });

  it('starts again where the server answers with another range, or that there is none', async () => {
    for (const headers of [{ 'content-range': 'bytes 0-9/600000' }, { 'content-range': 'bytes */5' }]) {
      const { target, url } = place((request, response, count) => {
        if (count === 0) return dies(0.5, 1)(request, response, count);
        if (count > 1) return serve(bytes)(request, response, count);
        response.writeHead(headers['content-range'].includes('*') ? 416 : 206, headers).end();
      });
      expect(await download({ urls: [url], ...known }, target)).toMatchObject(known);
    }
  });

  it('is complete where the server says that nothing is left', async () => {
    const { target, url } = place(serve(bytes));
    writeFileSync(`${target}.incomplete`, bytes);
    writeFileSync(`${target}.incomplete.json`, JSON.stringify({ url, validator: '"v1"', total: null }));
    expect(await download({ urls: [url] }, target)).toMatchObject(known);
  });

  it('does not build on leftovers that nothing vouches for', async () => {
    const { target, url, path } = place(serve(bytes));
    writeFileSync(`${target}.incomplete`, 'garbage');
    writeFileSync(
      `${target}.incomplete.json`,
      JSON.stringify({ url: 'http://elsewhere/', validator: '"v1"' }),
    );
    expect(await download({ urls: [url] }, target)).toMatchObject(known);
    expect(rangesOf(path)).toEqual([undefined]);
  });

  it('recovers from leftovers that turn out wrong', async () => {
    const { target, url } = place(serve(bytes));
    writeFileSync(`${target}.incomplete`, randomBytes(1000, 9));
    writeFileSync(
      `${target}.incomplete.json`,
      JSON.stringify({ url, validator: '"v1"', total: bytes.length }),
    );
    expect(await download({ urls: [url], ...known }, target)).toMatchObject(known);
  });

  it('goes on after a stall', async () => {
    const { target, url, path } = place((request, response, count) => {
      if (count > 0) return serve(bytes)(request, response, count);
      response
        .writeHead(200, { etag: '"v1"', 'content-length': bytes.length })
        .write(bytes.subarray(0, 100_000));
    });
    const reasons: (string | undefined)[] = [];
    await download({ urls: [url], ...known }, target, {
      onProgress: ({ stage, reason }) => stage === 'retry' && reasons.push(reason),
    });
    expect(reasons[0]).toMatch(/bytes within 300 ms/);
    expect(rangesOf(path)[1]).toBe('bytes=100000-');
  });

  it('waits as long as the server asks, and tries again', async () => {
    const slept: number[] = [];
    const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) };
    const { target, url } = place((request, response, count) => {
      if (count === 0) response.writeHead(429, { 'retry-after': '7' }).end();
      else if (count === 1) response.writeHead(503).end();
      else serve(bytes)(request, response, count);
    });
    await download({ urls: [url], ...known }, target, { clock, backoffMs: 100 });
    expect(slept).toEqual([7000, 200]);
  });

  it('follows redirects', async () => {
    const real = server.on('/real', serve(bytes));
    const { target, url } = place((_, response) => void response.writeHead(302, { location: real }).end());
    expect(await download({ urls: [url], ...known }, target)).toMatchObject(known);
  });

  it('takes the next address where one has nothing, another file, or wrong bytes', async () => {
    const wrong = server.on('/wrong', serve(randomBytes(bytes.length, 3)));
    const short = server.on('/short', serve(bytes.subarray(0, 1000)));
    const { target, url } = place(serve(bytes));
    const urls = [`${server.url}/gone`, short, wrong, url];
    expect(await download({ urls, ...known }, target)).toMatchObject(known);
  });

  it('is not stopped by a server that announces less than it has', async () => {
    const { target, url } = place((request, response, count) => {
      if (count > 0) return serve(bytes)(request, response, count);
      response.writeHead(200, { etag: '"v1"', 'content-length': 1000 }).end(bytes.subarray(0, 1000));
    });
    await expect(download({ urls: [url], ...known }, target)).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    });
    expect(await download({ urls: [url], sha256: known.sha256, bytes: bytes.length }, target)).toMatchObject(
      known,
    );
  });
});

/** Servers from which nothing can be had, and what is said of them. */
const bad: readonly [string, Handler, RemoteFile | Omit<RemoteFile, 'urls'>, string][] = [
  ['has no such file', (_, r) => void r.writeHead(404).end(), known, 'HTTP_STATUS'],
  ['always fails', (_, r) => void r.writeHead(500).end(), known, 'HTTP_STATUS'],
  ['never answers', () => {}, known, 'STALLED'],
  ['closes at once', (_, r) => void r.socket?.destroy(), known, 'NETWORK'],
  ['serves wrong bytes of the right size', serve(randomBytes(600_000, 4)), known, 'CHECKSUM_MISMATCH'],
  ['serves a file of another size', serve(bytes.subarray(1)), known, 'SIZE_MISMATCH'],
  [
    'sends more than the file has, without a length',
    (_, r) => void r.writeHead(200).end(Buffer.concat([bytes, bytes])),
    known,
    'TOO_LARGE',
  ],
  [
    'announces more than it sends',
    (_, r) => void r.writeHead(200, { 'content-length': 700_000 }).write(bytes, () => r.socket?.destroy()),
    {},
    'NETWORK',
  ],
  [
    'sends a web page',
    (_, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<html>quota exceeded</html>'),
    {},
    'NOT_THE_FILE',
  ],
  [
    'sends a web page under another type',
    (_, r) => void r.writeHead(200, { 'content-type': 'application/zip' }).end('<html>quota exceeded</html>'),
    { format: 'zip' },
    'NOT_THE_FILE',
  ],
  [
    'encodes what it was asked to leave plain',
    (_, r) => void r.writeHead(200, { 'content-encoding': 'gzip' }).end(),
    {},
    'ENCODED_RESPONSE',
  ],
  ['redirects in circles', (q, r) => void r.writeHead(302, { location: q.url! }).end(), known, 'NETWORK'],
];

describe.each(bad)('a server that %s', (_, handler, file, code) => {
  it(`is given up with ${code}, and no file gets its name`, async () => {
    const { target, url } = place(handler);
    const options = { retries: 1, backoffMs: 1 };
    await expect(download({ ...file, urls: [url] }, target, options)).rejects.toMatchObject({
      name: 'DatasetError',
      code,
      message: expect.stringContaining(url),
    });
    expect(existsSync(target)).toBe(false);
  });
});

it('a redirect from https to http is refused', async () => {
  const response = new Response('x');
  Object.defineProperty(response, 'url', { value: 'http://127.0.0.1/x' });
  const options = { fetch: async () => response };
  await expect(
    download({ urls: ['https://127.0.0.1/x'] }, join(folder, 'tls'), options),
  ).rejects.toMatchObject({
    code: 'INSECURE_REDIRECT',
  });
});

it('a file larger than the limit is refused before it is read', async () => {
  const { target, url } = place(serve(bytes));
  await expect(download({ urls: [url] }, target, { maxBytes: 1000 })).rejects.toMatchObject({
    code: 'TOO_LARGE',
  });
});
