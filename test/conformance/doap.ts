/** parlour.doap: the project and the specifications that it keeps, as RDF that programs read (DOAP, with the XSF's schema for XEPs). */
import { escapeAttribute, escapeText } from '../../src/xmpp/xml';
import { SPECIFICATIONS } from './specifications';

/** The whole file. */
export function doapFile(project: { readonly name: string; readonly description: string; readonly license: string }): string {
  const xeps = SPECIFICATIONS.map(
    ({ number, version, partly }) => `    <implements>
      <xmpp:SupportedXep>
        <xmpp:xep rdf:resource="https://xmpp.org/extensions/xep-${number}.html"/>
        <xmpp:status>${partly === undefined ? 'complete' : 'partial'}</xmpp:status>
        <xmpp:version>${escapeText(version)}</xmpp:version>${partly === undefined ? '' : `\n        <xmpp:note xml:lang="en">${escapeText(partly)}</xmpp:note>`}
      </xmpp:SupportedXep>
    </implements>
`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by "npm run conformance" from test/conformance/specifications.ts: change it there. -->
<rdf:RDF xmlns="http://usefulinc.com/ns/doap#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmpp="https://linkmauve.fr/ns/xmpp-doap#">
  <Project>
    <name>Parlour</name>
    <shortname>${escapeText(project.name)}</shortname>
    <shortdesc xml:lang="en">${escapeText(project.description)}</shortdesc>
    <license rdf:resource="https://spdx.org/licenses/${escapeAttribute(project.license)}.html"/>
    <programming-language>TypeScript</programming-language>
    <os>Linux</os>
    <category rdf:resource="https://linkmauve.fr/ns/xmpp-doap#category-server"/>
    <category rdf:resource="https://linkmauve.fr/ns/xmpp-doap#category-component"/>
    <implements rdf:resource="https://xmpp.org/rfcs/rfc6120.html"/>
    <implements rdf:resource="https://xmpp.org/rfcs/rfc6121.html"/>
    <implements rdf:resource="https://xmpp.org/rfcs/rfc7622.html"/>
${xeps.join('')}  </Project>
</rdf:RDF>
`;
}
