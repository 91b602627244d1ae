#!/usr/bin/env node
import { supervise } from '@ood/terminal';

const program = new URL(
  `./command-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
);
process.exitCode = await supervise(program, process.argv.slice(2));
