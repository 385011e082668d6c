/** The fields of `muc#register` (§16.5.1), as who registers fills them in and admins see them. */
import { SINGLE, type Field } from '../../xmpp/forms';

export const ROOMNICK = 'muc#register_roomnick';

/** In the order of the form (§7.10, Example 70). */
export const REGISTRATION_FIELDS: readonly Pick<Field, 'var' | 'type' | 'label'>[] = [
  { var: 'muc#register_first', type: 'text-single', label: 'Given Name' },
  { var: 'muc#register_last', type: 'text-single', label: 'Family Name' },
  { var: ROOMNICK, type: 'text-single', label: 'Desired Nickname' },
  { var: 'muc#register_url', type: 'text-single', label: 'Your URL' },
  { var: 'muc#register_email', type: 'text-single', label: 'Email Address' },
  { var: 'muc#register_faqentry', type: 'text-multi', label: 'FAQ Entry' },
];

/** Those of them that take one value. */
export const SINGLE_FIELDS: readonly string[] = REGISTRATION_FIELDS.filter((field) => SINGLE.has(field.type)).map((field) => field.var);
