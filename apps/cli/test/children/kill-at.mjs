// Loaded before a command: counts what it does to the file system, and kills it before the KILL_AT-th of these calls; without
// KILL_AT it writes how many there were into the file COUNT_INTO. The supervisor, which has no parent to talk to, is left alone.
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

if (process.channel || process.env.KILL_ALONE) {
  const killAt = Number(process.env.KILL_AT ?? 0);
  const into = process.env.COUNT_INTO;
  const { writeFileSync } = fs;
  let calls = 0;
  const count = () => {
    calls += 1;
    if (calls === killAt) process.kill(process.pid, 'SIGKILL');
  };
  const wrap = (object, name, counts = () => true) => {
    const original = object[name];
    if (typeof original !== 'function') return;
    object[name] = function counted(...args) {
      if (counts(...args)) count();
      return original.apply(this, args);
    };
  };
  const changing = [
    'writeFile',
    'appendFile',
    'rename',
    'rm',
    'rmdir',
    'unlink',
    'link',
    'symlink',
    'mkdir',
    'truncate',
    'copyFile',
  ];
  for (const name of changing) {
    wrap(promises, name);
    wrap(fs, name);
    wrap(fs, `${name}Sync`);
  }
  const creates = (_path, flags = 'r') =>
    typeof flags === 'string' ? /[wa+]/.test(flags) : (flags & 3) !== 0;
  wrap(promises, 'open', creates);
  wrap(fs, 'openSync', creates);
  for (const name of ['writeSync', 'ftruncateSync', 'fsyncSync', 'write']) wrap(fs, name);
  const probe = await promises.open(new URL(import.meta.url));
  const handles = Object.getPrototypeOf(probe);
  await probe.close();
  for (const name of ['write', 'writev', 'writeFile', 'appendFile', 'truncate', 'sync', 'datasync', 'chmod'])
    wrap(handles, name);
  syncBuiltinESMExports();
  if (into !== undefined) process.on('exit', () => writeFileSync(into, String(calls)));
}
