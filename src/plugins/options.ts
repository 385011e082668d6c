/** A plug-in's form fields as options of a room. */
import { booleanOption, choiceOption, numberOption, textOption, type Option } from '../room/contract/options';
import type { FormField } from './api-hooks';

/** The option that a field is. */
export function optionOf(name: string, field: FormField): Option<boolean | number | string> {
  const { label } = field;
  switch (field.type) {
    case 'boolean':
      return booleanOption({ var: name, label, initial: field.initial });
    case 'number':
      return numberOption({ var: name, label, initial: field.initial, min: field.least, max: field.most });
    case 'choice':
      return choiceOption({ var: name, label, initial: field.initial, choices: field.choices });
    case 'text':
      return textOption({ var: name, label, initial: field.initial, max: field.most });
  }
}
