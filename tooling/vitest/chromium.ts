import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of the browser for browser tests: `OOD_CHROMIUM`, or where Linux distributions install one. */
export const chromiumPath = process.env.OOD_CHROMIUM || PLACES.find(path => existsSync(path));

/** Why browser tests are skipped, or undefined where they run; with `OOD_REQUIRE_BROWSER` they always run, and fail without one. */
export const browserSkipReason =
  chromiumPath !== undefined || process.env.OOD_REQUIRE_BROWSER
    ? undefined
    : 'no browser found; install chromium or set OOD_CHROMIUM';

/** Flags for a headless browser that talks to nobody. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
