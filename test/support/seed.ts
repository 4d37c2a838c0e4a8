import fc from 'fast-check';

/**
 * Every run of the suite generates the same inputs, so that a failure is the change's and not the
 * day's. `FUZZ_SEED=random` looks further; any number replays what it found.
 */
const SEED = 2026;
const asked = process.env.FUZZ_SEED;

if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? SEED : Number(asked) });
