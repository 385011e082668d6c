/** The room's name and description (`muc#roomconfig_roomname`, `…_roomdesc`). */
import { inWords } from '../words';
import { textOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import type { RoomLimits } from '../room/contract/env';

/** A name stands in lists, one line each (XEP-0004 §3.3 text-single), and turns nothing around that stands beside it (Unicode's bidirectional controls). */
const oneLine = (text: string): string =>
  text
    .replace(/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]+/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();

interface Name {
  readonly feature: Feature;
  readonly nameOf: (options: RoomOptions) => string;
  readonly descriptionOf: (options: RoomOptions) => string;
}

/** The feature, and how to read the name and the description from a room's options. */
export function nameFeature(limits: RoomLimits): Name {
  const name = textOption({ var: 'muc#roomconfig_roomname', label: inWords('labelName'), initial: '', max: limits.name, tidy: oneLine });
  const description = textOption({
    var: 'muc#roomconfig_roomdesc',
    label: inWords('labelDescription'),
    initial: '',
    max: limits.description,
  });
  return {
    feature: {
      name: 'name',
      options: [name, description],
      info: ({ options }) => [
        { var: name.var, type: 'text-single', label: name.label, values: name.format(options.get(name)) },
        {
          var: 'muc#roominfo_description',
          type: 'text-single',
          label: inWords('labelDescription'),
          values: description.format(options.get(description)),
        },
      ],
    },
    nameOf: (options) => options.get(name),
    descriptionOf: (options) => options.get(description),
  };
}
