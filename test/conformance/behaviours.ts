/** What a service for XEP-0045 does: behaviours 1 to 105, form fields, status codes and errors, each with the tests that show it. */
import { BEFORE_AND_AT_ENTRY } from './rows/entering';
import { GOVERNING } from './rows/governing';
import { LIMITS } from './rows/limits';
import { INSIDE } from './rows/inside';
import { SERVICE } from './rows/service';

export const BEHAVIOURS = [...BEFORE_AND_AT_ENTRY, ...INSIDE, ...GOVERNING, ...SERVICE, ...LIMITS];
export { WAKING } from './rows/waking';
export { FIELDS } from './rows/fields';
export { CODES } from './rows/codes';
export { ERRORS } from './rows/errors';
