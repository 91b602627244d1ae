import { configureGlobal } from 'fast-check';

/** Every run tries the same cases; and a failure that could be made smaller for hours is reported soon. */
configureGlobal({ seed: 1, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: true });
