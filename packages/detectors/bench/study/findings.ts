/** Written by hand after the run of 2026-11-28. */
export const findings = '';
