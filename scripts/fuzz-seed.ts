import fc from 'fast-check';

/**
 * One seed for every property test, so that a run tells about the change and not about luck.
 * `FUZZ_SEED=random npm run test:unit` looks for new cases, `FUZZ_SEED=n` repeats one.
 */
const wanted = process.env['FUZZ_SEED'] ?? '20';
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
