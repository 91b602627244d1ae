import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Environment variables, handed in at the edge. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface FolderOptions {
  readonly platform?: string;
  /** The user's home. Default: the operating system's. */
  readonly home?: string;
}

/**
 * The folder of everything that can be downloaded again: `$OOD_HOME`; else `$XDG_CACHE_HOME/ood` (relative values are
 * ignored, as the XDG specification asks); else `%LOCALAPPDATA%\ood` on Windows and `~/.cache/ood` elsewhere.
 */
export function cacheFolder(
  env: Env,
  { platform = process.platform, home = homedir() }: FolderOptions = {},
): string {
  const own = env.OOD_HOME;
  if (own !== undefined && own !== '') return own;
  const xdg = env.XDG_CACHE_HOME;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'ood');
  if (platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'ood');
  return join(home, '.cache', 'ood');
}

/** Whether `$OOD_OFFLINE` asks for no network: set, and not `0`, `false` or empty. */
export function isOffline(env: Env): boolean {
  return !['', '0', 'false', 'no', undefined].includes(env.OOD_OFFLINE?.toLowerCase());
}

/** The variable that names a user's own folder for a data set: `imagenet-1k` → `OOD_DATASET_IMAGENET_1K`. */
export function folderVariable(name: string): string {
  return `OOD_DATASET_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}
