/** How long the room keeps what was said: the owner's own bounds, within the operator's; what is over is erased in the background. */
import { inWords, type Text } from '../../words';
import { boundInForce, type Retention, type RetentionBound } from '../../room/configuring/retention';
import { BadValue, type Option, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import type { Field } from '../../xmpp/forms';

/** The owner's own bounds; null: as the service has it. */
export interface Keep {
  readonly keepDays: number | null;
  readonly keepMessages: number | null;
}

function boundOption(
  spec: { readonly var: string; readonly label: Text; readonly setBy: string },
  { max }: RetentionBound,
): Option<number | null> {
  const allowed = max === null ? inWords('boundAny') : inWords('boundUpTo', { max });
  return {
    ...spec,
    type: 'text-single',
    initial: null,
    parse: (values) => {
      const text = (values[0] ?? '').trim();
      if (text === '') return null;
      return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : new BadValue(inWords('badBound', { field: spec.var, allowed, value: text }));
    },
    // A value set when the operator allowed more stays stored, and is cut to what is allowed now.
    submittable: (value) =>
      value !== null && max !== null && value > max
        ? new BadValue(inWords('badBound', { field: spec.var, allowed, value: String(value) }))
        : undefined,
    format: (value) => (value === null ? [] : [String(value)]),
    validate: { datatype: 'xs:integer', min: '1', ...(max === null ? {} : { max: String(max) }) },
  };
}

/** The two options within the operator's bounds, and how the room's row has them. */
export function retentionFeature(retention: Retention): { feature: Feature; keepOf: (options: RoomOptions) => Keep } {
  const days = boundOption(
    { var: '{urn:parlour:room}archivedays', label: inWords('labelArchiveDays'), setBy: 'archive.days' },
    retention.days,
  );
  const messages = boundOption(
    { var: '{urn:parlour:room}archivemessages', label: inWords('labelArchiveMessages'), setBy: 'archive.messages' },
    retention.messages,
  );
  const inForce = (option: Option<number | null>, own: number | null | undefined, bound: RetentionBound): Field => {
    const value = boundInForce(own ?? null, bound);
    return { var: option.var, type: 'text-single', label: option.label, values: value === null ? [] : [String(value)] };
  };
  return {
    feature: {
      name: 'retention',
      options: [days, messages],
      info: ({ row }) => [inForce(days, row?.keepDays, retention.days), inForce(messages, row?.keepMessages, retention.messages)],
    },
    keepOf: (options) => ({ keepDays: options.get(days), keepMessages: options.get(messages) }),
  };
}
