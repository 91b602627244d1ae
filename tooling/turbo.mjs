/**
 * Runs turbo without telemetry, and so without its notice in the output of every first command. It takes that choice from the
 * environment only, which scripts that also run on Windows cannot set otherwise.
 */
import { createRequire } from 'node:module';

process.env.TURBO_TELEMETRY_DISABLED ??= '1';
createRequire(import.meta.url)('turbo/bin/turbo');
