/** The fields of `muc#register` (§16.5.1), as who registers fills them in and admins see them. */
import { inWords } from '../../words';
import { SINGLE, type Field } from '../../xmpp/forms';

export const ROOMNICK = 'muc#register_roomnick';

/** In the order of the form (§7.10, Example 70). */
export const REGISTRATION_FIELDS: readonly Pick<Field, 'var' | 'type' | 'label'>[] = [
  { var: 'muc#register_first', type: 'text-single', label: inWords('labelGivenName') },
  { var: 'muc#register_last', type: 'text-single', label: inWords('labelFamilyName') },
  { var: ROOMNICK, type: 'text-single', label: inWords('labelDesiredNick') },
  { var: 'muc#register_url', type: 'text-single', label: inWords('labelYourUrl') },
  { var: 'muc#register_email', type: 'text-single', label: inWords('labelEmail') },
  { var: 'muc#register_faqentry', type: 'text-multi', label: inWords('labelFaqEntry') },
];

/** Those of them that take one value. */
export const SINGLE_FIELDS: readonly string[] = REGISTRATION_FIELDS.filter((field) => SINGLE.has(field.type)).map((field) => field.var);
