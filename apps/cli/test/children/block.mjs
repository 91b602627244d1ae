// Loaded before a command: blocks its thread for good a moment after it began, as native code does that never returns.
// The supervisor has no channel to a parent and is left alone.
if (process.channel) {
  setTimeout(
    () => {
      process.stderr.write('blocked\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    Number(process.env.BLOCK_AFTER ?? 0),
  );
}
