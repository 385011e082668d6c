/** The service's vCard (XEP-0054): what the configuration says about it. */
import { NS } from '../../xmpp/ns';
import { escapeText } from '../../xmpp/xml';
import type { ServiceInfo } from './discovery';

/** `<vCard/>` with name, description, and the first web and mail addresses among the contacts. */
export function serviceCard({ name, description, contact }: ServiceInfo): string {
  const uris = Object.values(contact).flatMap((list) => list ?? []);
  const url = uris.find((uri) => /^https?:/i.test(uri));
  const mail = uris.find((uri) => /^mailto:/i.test(uri));
  const element = (tag: string, text: string | undefined): string => (text === undefined ? '' : `<${tag}>${escapeText(text)}</${tag}>`);
  const email = mail === undefined ? '' : `<EMAIL><INTERNET/>${element('USERID', mail.slice('mailto:'.length))}</EMAIL>`;
  return `<vCard xmlns="${NS.vcard}">${element('FN', name)}${element('DESC', description)}${element('URL', url)}${email}</vCard>`;
}
