/**
 * The command's entry, and the only place that sets its exit status.
 *
 * Everything is written with write(2) before `dispatch` returns, so that the process can end at once: neither engine's
 * orderly shutdown has anything left to do, and it costs half a millisecond.
 */
try {
  const { dispatch } = await import('./cli/dispatch.ts');
  const { addon } = await import('./native/addon.ts');
  addon.exit(await dispatch(process.argv.slice(2)));
} catch (error) {
  // Only what comes before the log can be opened: the addon is missing or does not fit this machine.
  const message = error instanceof Error ? error.message : error;
  const hint = error instanceof Error && 'hint' in error ? `; ${error.hint}` : '';
  process.stderr.write(`error: cannot load runts: ${message}${hint}\n`);
  process.exitCode = 1;
}
