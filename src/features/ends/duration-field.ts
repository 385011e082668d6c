/** A field of a form that says how long something is given for, such as `2d`. */
import { parseDuration } from '../../xmpp/durations';
import { short } from '../../xmpp/short';
import { inWords, type Sentence } from '../../words';

/** Milliseconds; undefined: nothing was filled in, so it lasts; or a sentence on what is wrong. */
export function readDuration(text: string): number | undefined | Sentence {
  if (text.trim() === '') return undefined;
  return parseDuration(text) ?? inWords('badDuration', { value: short(text) });
}
