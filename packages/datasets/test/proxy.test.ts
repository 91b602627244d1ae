import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { proxyFetch } from '../src/index.ts';
import { loopbackServer } from './support/loopback-server.ts';

const server = await loopbackServer();
const url = server.on('/file', (_, response) => void response.end('content'));
const tunnels: string[] = [];
const proxy = createServer();
proxy.on('connect', (request, socket) => {
  tunnels.push(request.url!);
  const [host, port] = request.url!.split(':');
  const target = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    target.pipe(socket);
    socket.pipe(target);
  });
  target.on('error', () => socket.destroy());
  socket.on('error', () => target.destroy());
});
await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});
const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

describe('fetch', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('goes through %s', async name => {
    tunnels.length = 0;
    const response = await (await proxyFetch({ [name]: address }))(url, {});
    expect(await response.text()).toBe('content');
    expect(tunnels).toEqual([server.url.replace('http://', '')]);
  });

  it('goes through HTTPS_PROXY for https addresses', async () => {
    tunnels.length = 0;
    const request = (await proxyFetch({ HTTPS_PROXY: address }))(url.replace('http:', 'https:'), {});
    await expect(request).rejects.toThrow();
    expect(tunnels).toEqual([server.url.replace('http://', '')]);
  });

  it.each([{ HTTP_PROXY: address, NO_PROXY: '127.0.0.1' }, { HTTP_PROXY: address, no_proxy: '*' }, {}])(
    'goes directly with %j',
    async env => {
      tunnels.length = 0;
      expect(await (await (await proxyFetch(env))(url, {})).text()).toBe('content');
      expect(tunnels).toEqual([]);
    },
  );
});
