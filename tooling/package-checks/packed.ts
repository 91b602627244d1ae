import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, workspaceMembers } from '../architecture/workspace.ts';

export interface Packed {
  readonly name: string;
  readonly path: string;
  readonly tarball: string;
  /** Importable entries: `@ood/onnx/record`. */
  readonly entries: readonly string[];
}

/** Packs every published member as `pnpm publish` would, into `folder`. */
export function packAll(folder: string): Packed[] {
  return workspaceMembers()
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ path, manifest }) => {
      const destination = join(folder, manifest.name.replace('@ood/', ''));
      mkdirSync(destination, { recursive: true });
      pnpm(['pack', '--pack-destination', destination], path);
      const [tarball = ''] = readdirSync(destination);
      const entries = Object.entries(manifest.exports ?? {})
        .filter(([, target]) => typeof target !== 'string')
        .map(([entry]) => manifest.name + entry.slice(1));
      return { name: manifest.name, path, tarball: join(destination, tarball), entries };
    });
}

/** What makes pnpm take our packages from their tarballs. */
export function overridesOf(packed: readonly Packed[]): Record<string, string> {
  return Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
}

/** Writes files into a folder: text as it is, anything else as JSON. */
export function writerInto(folder: string): (file: string, content: unknown) => void {
  return (file, content) =>
    writeFileSync(
      join(folder, file),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
}

/** Runs the pnpm that runs us, whatever way it was started. */
export function pnpm(args: readonly string[], cwd: string): string {
  return run('pnpm', args, cwd);
}

/** Runs a command and returns its stdout; on failure throws with everything it wrote. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} (in ${cwd}) failed:\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

/** @returns the version of a package that the workspace uses, from pnpm's catalog. */
export function catalogVersion(name: string): string {
  const line = new RegExp(`^ {2}'?${name}'?: (.+)$`, 'm').exec(
    readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8'),
  );
  if (line?.[1] === undefined)
    throw new Error(`${name}: expected a version in the catalog of pnpm-workspace.yaml`);
  return line[1];
}
