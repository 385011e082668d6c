/** Reads what somebody has set for a chat (XEP-0492). */
import { NS } from './ns';
import { child, childElements, localName, namespaceOf, type Element } from './xml';

/** A setting, by the name that XEP-0492 §"The notify element" gives it. */
export type NotificationSetting = 'always' | 'on-mention' | 'never';

const SETTINGS: ReadonlySet<string> = new Set(['always', 'on-mention', 'never']);
/** What a wake-up is for: the phone of somebody. */
const CATEGORY = 'client';
const TYPE = 'phone';

/**
 * The setting that holds for somebody's phone: §"Business Rules", the one for its category and type, else for its category, else the one for all. Of several that should not be
 * there (§ "There SHALL NOT be more than one") the first counts.
 *
 * @param extensions the `<extensions/>` of a bookmark (XEP-0402).
 * @returns undefined if nothing is set for a phone.
 */
export function phoneSetting(extensions: Element): NotificationSetting | undefined {
  const notify = child(extensions, 'notify', NS.notificationSettings);
  if (!notify) return undefined;
  const settings = childElements(notify).filter((one) => namespaceOf(one) === NS.notificationSettings && SETTINGS.has(localName(one)));
  const of = (category: string | undefined, type: string | undefined): Element | undefined =>
    settings.find(({ attrs }) => attrs['identity-category'] === category && attrs['identity-type'] === type);
  const found = of(CATEGORY, TYPE) ?? of(CATEGORY, undefined) ?? of(undefined, undefined);
  return found && (localName(found) as NotificationSetting);
}
