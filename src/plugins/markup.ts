/** XML as plug-ins read and write it: plain frozen values without prefixes, and no way to write text that is not escaped. */

/** An element. Its namespace is the nearest `xmlns` among its own attributes and those of the elements around it. */
export interface Xml {
  readonly name: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly (Xml | string)[];
}

const NAME = /^[A-Za-z_][\w.-]*$/;
const ATTRIBUTE = /^(?:xml:lang|[A-Za-z_][\w.-]*)$/;

/**
 * Makes an element: `xml('hat', { xmlns: 'urn:xmpp:hats:0', title: 'Teacher' })`. Attributes that are undefined are left out. Texts are
 * escaped when they are sent. Throws TypeError for a name that XML does not allow, or one with a prefix.
 */
export function xml(name: string, attrs: Readonly<Record<string, string | undefined>> = {}, ...children: readonly (Xml | string)[]): Xml {
  if (!NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of an element`);
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attrs)) {
    if (!ATTRIBUTE.test(key)) throw new TypeError(`${JSON.stringify(key)} is no name of an attribute`);
    if (value !== undefined) kept[key] = String(value);
  }
  return Object.freeze({ name, attrs: Object.freeze(kept), children: Object.freeze([...children]) });
}

/** The first child of that name, and of that namespace if one is given. */
export function childOf(element: Xml, name: string, xmlns?: string): Xml | undefined {
  for (const child of element.children) {
    if (typeof child === 'string' || child.name !== name) continue;
    if (xmlns === undefined || (child.attrs['xmlns'] ?? element.attrs['xmlns']) === xmlns) return child;
  }
  return undefined;
}

/** The text directly inside an element. */
export function textOf(element: Xml): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}
