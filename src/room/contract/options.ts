/** Room options: each is one field of the owner's form (§10.2) with a type, a default and a way to read what was submitted. */
import { inWords, type Text } from '../../words';
import type { Field, FieldOption, FieldType } from '../../xmpp/forms';
import { parseBoolean } from '../../xmpp/forms';
import { isLongerThan } from '../../xmpp/lengths';

/** A submitted value that is not acceptable: a sentence for the owner. */
export class BadValue {
  constructor(readonly text: Text) {}
}

/** One option. `T` is its value inside the program; on the wire and in the store it is a list of strings. */
export interface Option<T> {
  /** The form field's name. */
  readonly var: string;
  readonly type: FieldType;
  readonly label: Text;
  readonly initial: T;
  parse(values: readonly string[]): T | BadValue;
  format(value: T): readonly string[];
  /** What a list field offers; a value outside is listed as one more (rules of XEP-0122 open lists). */
  choices?(value: T): readonly FieldOption[];
  readonly validate?: Field['validate'];
  /** Why a value that may be stored from another time must not be submitted any more, or undefined. */
  submittable?(value: T): BadValue | undefined;
  /** The key of the configuration that is the operator's default; else `roomDefaults` has it. */
  readonly setBy?: string;
}

type Named = { readonly var: string; readonly label: Text };

/** A yes/no option. */
export function booleanOption(spec: Named & { initial: boolean }): Option<boolean> {
  return {
    ...spec,
    type: 'boolean',
    parse: (values) => parseBoolean(values[0] ?? '0') ?? new BadValue(inWords('badBoolean', { field: spec.var, value: values[0] ?? '' })),
    format: (value) => [value ? '1' : '0'],
  };
}

/** A line of text of at most `max` code points. */
export function textOption(
  spec: Named & { initial: string; max: number; type?: 'text-single' | 'text-private'; tidy?: (text: string) => string },
): Option<string> {
  return {
    ...spec,
    type: spec.type ?? 'text-single',
    parse: (values) => {
      const text = values[0] ?? '';
      if (isLongerThan(text, spec.max)) return new BadValue(inWords('badLength', { field: spec.var, max: spec.max }));
      return spec.tidy ? spec.tidy(text) : text;
    },
    format: (value) => (value === '' ? [] : [value]),
  };
}

/** One of a fixed list. */
export function choiceOption<T extends string>(
  spec: Named & { initial: T; choices: readonly { readonly value: T; readonly label: Text }[] },
): Option<T> {
  return {
    var: spec.var,
    label: spec.label,
    initial: spec.initial,
    type: 'list-single',
    parse: (values) => {
      const found = spec.choices.find((choice) => choice.value === values[0]);
      const allowed = spec.choices.map((choice) => choice.value).join(', ');
      return found ? found.value : new BadValue(inWords('badChoice', { field: spec.var, allowed, value: values[0] ?? '' }));
    },
    format: (value) => [value],
    choices: () => spec.choices,
  };
}

/** The values of a field that takes several: clients send one that is empty where there is none, or a line too many. */
export function withoutBlanks(values: readonly string[]): readonly string[] {
  return values.filter((value) => value.trim() !== '');
}

/** Any number of a fixed list; the values in the list's order. */
export function choicesOption<T extends string>(
  spec: Named & { initial: readonly T[]; choices: readonly { readonly value: T; readonly label: Text }[] },
): Option<readonly T[]> {
  return {
    ...spec,
    type: 'list-multi',
    parse: (given) => {
      const values = withoutBlanks(given);
      const unknown = values.find((value) => !spec.choices.some((choice) => choice.value === value));
      const allowed = spec.choices.map((choice) => choice.value).join(', ');
      if (unknown !== undefined) return new BadValue(inWords('badChoices', { field: spec.var, allowed, value: unknown }));
      return spec.choices.map((choice) => choice.value).filter((value) => values.includes(value));
    },
    format: (value) => value,
    choices: () => spec.choices,
  };
}

/** A whole number within bounds. */
export function numberOption(spec: Named & { initial: number; min: number; max: number }): Option<number> {
  return {
    ...spec,
    type: 'text-single',
    parse: (values) => {
      const number = /^\d{1,9}$/.test(values[0] ?? '') ? Number(values[0]) : NaN;
      const fits = number >= spec.min && number <= spec.max;
      return fits ? number : new BadValue(inWords('badNumber', { field: spec.var, min: spec.min, max: spec.max, value: values[0] ?? '' }));
    },
    format: (value) => [String(value)],
    validate: { datatype: 'xs:integer', min: String(spec.min), max: String(spec.max) },
  };
}

/** Configurations that are shared, at most: a thousand copies of one would be in no cache. */
const MOST_SHARED = 1_000;
const shared = new WeakMap<ReadonlyMap<string, readonly string[]>, Map<string, RoomOptions>>();

/** The values of a room's options: what was submitted, else the operator's default, else the option's own. */
export class RoomOptions {
  private readonly parsed = new Map<string, unknown>();

  constructor(
    private readonly submitted: ReadonlyMap<string, readonly string[]>,
    private readonly defaults: ReadonlyMap<string, readonly string[]>,
  ) {}

  get<T>(option: Option<T>): T {
    if (this.parsed.has(option.var)) return this.parsed.get(option.var) as T;
    const given = this.submitted.get(option.var) ?? this.defaults.get(option.var);
    const value = given === undefined ? option.initial : option.parse(given);
    // What was stored under looser limits, or a wrong default, falls back rather than making the room unusable.
    const sound = value instanceof BadValue ? option.initial : value;
    this.parsed.set(option.var, sound);
    return sound;
  }

  /** These options with some of them changed; the values must have been parsed by their options before. */
  with(changes: ReadonlyMap<string, readonly string[]>): RoomOptions {
    return new RoomOptions(new Map([...this.submitted, ...changes]), this.defaults);
  }

  /** These options without the values of which that holds, or undefined if there are none. */
  without(isMeant: (value: string) => boolean): RoomOptions | undefined {
    const changes = [...this.submitted].filter(([, values]) => values.some(isMeant));
    if (changes.length === 0) return undefined;
    return this.with(new Map(changes.map(([field, values]) => [field, values.filter((value) => !isMeant(value))])));
  }

  /** For the store. */
  toJson(): string {
    return JSON.stringify(Object.fromEntries(this.submitted));
  }

  /** From the store. Rooms of one service that are configured alike share them. `defaults`: the same map as long as the operator's rules are the same. */
  static fromJson(json: string, defaults: ReadonlyMap<string, readonly string[]>): RoomOptions {
    let known = shared.get(defaults);
    if (!known || known.size >= MOST_SHARED) shared.set(defaults, (known = new Map<string, RoomOptions>()));
    const options = known.get(json) ?? new RoomOptions(new Map(Object.entries(JSON.parse(json) as Record<string, string[]>)), defaults);
    known.set(json, options);
    return options;
  }
}

/** The form field of an option at its present value. */
export function optionField<T>(option: Option<T>, options: RoomOptions): Field {
  const value = options.get(option);
  return {
    var: option.var,
    type: option.type,
    label: option.label,
    values: option.format(value),
    ...(option.choices ? { options: option.choices(value) } : {}),
    ...(option.validate ? { validate: option.validate } : {}),
  };
}
