/** Replaced by the bundler (`--define RUNTS_COMMIT='"…"'`); absent when the sources run as they are. */
declare const RUNTS_COMMIT: string | undefined;

/** Version of runts; a test holds it equal to package.json. */
export const version = '0.1.0';

/** The commit the executable was built from. */
export const commit: string = typeof RUNTS_COMMIT === 'string' && RUNTS_COMMIT !== '' ? RUNTS_COMMIT : 'unknown';

/** The newest version of the OCI runtime specification whose properties runts knows. */
export const specVersion = '1.3.0';

/** The oldest `ociVersion` that is accepted. */
export const specVersionMin = '1.0.0';
