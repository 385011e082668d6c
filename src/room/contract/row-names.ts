/** The names under which a store finds rows of rooms that it reads or folds by itself. They stand apart from what keeps the rows, which the store's threads need not load. */

export const FORMER_IDS = 'former-ids';
export const FORMER_NAMES = 'former-names';
export const LAST_VISITS = 'last-visits';
export const RESERVED_NICKS = 'reserved-nicks';
