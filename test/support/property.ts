/**
 * fast-check for the property tests. By itself each run draws anew and tells its seed when it fails; with CI=true the draw is always the
 * same, so that a change does not fail for what it did not touch. `.ci/nightly` draws anew. PROPERTY_SEED sets the draw.
 */
import fc from 'fast-check';

const seed = process.env['PROPERTY_SEED'] ?? (process.env['CI'] === 'true' ? '2045' : undefined);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

/** So many runs of a property, or PROPERTY_RUNS. */
export const runs = (few: number): { numRuns: number } => ({ numRuns: Number(process.env['PROPERTY_RUNS'] ?? few) });

export default fc;
