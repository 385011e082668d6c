/** The natural language of a room (`muc#roomconfig_lang`), a language tag of RFC 5646. */
import { inWords } from '../words';
import { BadValue, textOption, type Option, type RoomOptions } from '../room/contract/options';
import { DEFAULT_LANGUAGE, languageOfTag, type Language } from '../words';
import type { Feature } from '../room/contract/feature';

const text = textOption({ var: 'muc#roomconfig_lang', label: inWords('labelLanguage'), initial: '', max: 35 });

const option: Option<string> = {
  ...text,
  parse: (values) => {
    const tag = values[0] ?? '';
    const fits = text.parse(values);
    return fits instanceof BadValue || tag === '' || /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(tag)
      ? fits
      : new BadValue(inWords('badTag', { field: 'muc#roomconfig_lang', value: tag }));
  },
};

/** As the owner wrote it; '': not said. */
export const languageTagOf = (options: RoomOptions): string => options.get(option);

/** The language in which the room speaks to everybody at once. */
export const languageOf = (options: RoomOptions): Language => languageOfTag(options.get(option)) ?? DEFAULT_LANGUAGE;

export const language: Feature = {
  name: 'language',
  options: [option],
  info: ({ options }) => [
    { var: 'muc#roominfo_lang', type: 'text-single', label: inWords('labelLanguage'), values: option.format(options.get(option)) },
  ],
};
