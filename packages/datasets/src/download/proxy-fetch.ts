import type { Env } from './folders.ts';

/** The part of `fetch` that downloads use. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * `fetch` that goes through the proxies of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (upper or lower case), by
 * undici's `EnvHttpProxyAgent`, because Node's own `fetch` ignores them. Without proxies: Node's own.
 */
export async function proxyFetch(env: Env): Promise<Fetch> {
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return (url, init) => fetch(url, init);
  const undici = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy: env.no_proxy || env.NO_PROXY || '',
  });
  return async (url, init) => {
    const response: unknown = await undici.fetch(url, { ...(init as object), dispatcher });
    return response as Response;
  };
}
