/** Which Parlour this is. */

/** The version this program says it is (XEP-0092). */
export const VERSION = '0.1.0';
