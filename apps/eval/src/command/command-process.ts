import { serveCommandLine } from '@ood/terminal';
import { main } from './main.ts';

await serveCommandLine(main);
