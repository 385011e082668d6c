/** What happens to people's data, as a form in disco#info (XEP-0504): what is true of Parlour, and what its operator states. */
import { NS } from '../xmpp/ns';
import type { Field, FormOut } from '../xmpp/forms';
import { inWords, type Language } from '../words';
import { boundInForce, type Retention } from '../room/configuring/retention';

/** Who may get at people's data beside those who always may (XEP-0504 §"Access Policy"). */
export const MORE_ACCESS = ['organization_member', 'government', 'advertisers', 'partners'] as const;

/** The operator's statement. Fields that are not stated are left out. */
export interface DataPolicy {
  /** URI of the terms of service. */
  readonly tos?: string | undefined;
  readonly encryptionAtRest?: boolean | undefined;
  readonly dataExport?: boolean | undefined;
  readonly fullErasure?: boolean | undefined;
  readonly access?: readonly (typeof MORE_ACCESS)[number][] | undefined;
  /** Hours between two backups at most; 0: there are none. */
  readonly backupEvery?: number | undefined;
  /** Hours for which backups are kept. */
  readonly backupKept?: number | 'infinite' | 'unknown' | undefined;
  /** Where the data are. */
  readonly location?: string | undefined;
  readonly extra?: string | undefined;
}

/** How long the service keeps messages at most, in hours: owners may choose as long as the operator lets them. */
export function serviceHours({ days, messages }: Retention): string {
  return hours(days.max, messages.max);
}

/** How long a room keeps them. */
export function roomHours(own: { readonly keepDays: number | null; readonly keepMessages: number | null }, retention: Retention): string {
  return hours(boundInForce(own.keepDays, retention.days), boundInForce(own.keepMessages, retention.messages));
}

/** Bounded by number only, they go after a time that nobody knows. */
function hours(days: number | null, messages: number | null): string {
  if (days !== null) return String(days * 24);
  return messages === null ? 'infinite' : 'unknown';
}

/** The form, in a language; `retention` as `serviceHours` and `roomHours` have it. */
export function dataPolicyForm(policy: DataPolicy, retention: string, language: Language): FormOut {
  const { tos, encryptionAtRest, dataExport, fullErasure, access = [], backupEvery, backupKept, location, extra } = policy;
  const one = (name: string, type: Field['type'], value: string | number | boolean | undefined): Field => {
    const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
    return { var: name, type, values: value === undefined ? [] : [text] };
  };
  const info = [
    ...(location === undefined ? [] : [inWords('dataLocation', { location }).in(language)]),
    ...(extra === undefined ? [] : extra.split('\n')),
  ];
  const fields: Field[] = [
    one('data_retention', 'text-single', retention),
    // XEP-0424: everybody may retract their own messages.
    one('data_deletion', 'boolean', true),
    one('encryption_at_rest', 'boolean', encryptionAtRest),
    one('tos', 'text-single', tos),
    one('data_export', 'boolean', dataExport),
    // Administrators of the service are owners everywhere, and moderators remove messages.
    { var: 'access_policy', type: 'list-multi', values: ['admins', 'moderators', ...access] },
    one('full_erasure', 'boolean', fullErasure),
    one('backup_frequency', 'text-single', backupEvery),
    one('backup_retention', 'text-single', backupKept),
    { var: 'extra_info', type: 'text-multi', values: info },
  ];
  return { type: 'result', formType: NS.dataPolicy, fields: fields.filter(({ values }) => values.length > 0) };
}
