/** The natural language of a room (`muc#roomconfig_lang`), a language tag of RFC 5646. */
import { BadValue, textOption, type Option } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';

const text = textOption({ var: 'muc#roomconfig_lang', label: 'Language', initial: '', max: 35 });

const option: Option<string> = {
  ...text,
  parse: (values) => {
    const tag = values[0] ?? '';
    const fits = text.parse(values);
    return fits instanceof BadValue || tag === '' || /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(tag)
      ? fits
      : new BadValue(`muc#roomconfig_lang takes a language tag such as "en" or "pt-BR", not "${tag}".`);
  },
};

export const language: Feature = {
  name: 'language',
  options: [option],
  info: ({ options }) => [{ var: 'muc#roominfo_lang', type: 'text-single', label: 'Language', values: option.format(options.get(option)) }],
};
