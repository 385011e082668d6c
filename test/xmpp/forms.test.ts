import fc from '../support/property';
import { formXml, parseBoolean, parseForm, tableXml, type Field, type FieldType, type FormOut, type Submitted } from '../../src/xmpp/forms';
import { NS } from '../../src/xmpp/ns';
import { child, childElements, textOf, type Element } from '../../src/xmpp/xml';
import { legalText } from './arbitraries';
import { parse } from './parse';

const VALIDATE = 'http://jabber.org/protocol/xdata-validate';
const TYPES: readonly FieldType[] = [
  'boolean',
  'hidden',
  'jid-multi',
  'jid-single',
  'list-multi',
  'list-single',
  'text-multi',
  'text-private',
  'text-single',
];
const form = (fields: readonly Field[], more: Partial<FormOut> = {}): string =>
  formXml({ type: 'form', formType: 'urn:f', fields, ...more }, 'en');
const head = `<x xmlns="${NS.forms}" type="form"><field var="FORM_TYPE" type="hidden"><value>urn:f</value></field>`;

test('a table has its header first, a cell for each column in each row, and nothing beside them', () => {
  const columns = [
    { var: 'who', type: 'jid-single', label: 'Who & where' },
    { var: 'what', type: 'text-single', label: 'What' },
  ] as const;
  const header =
    '<reported><field var="who" type="jid-single" label="Who &amp; where"/><field var="what" type="text-single" label="What"/></reported>';
  expect(tableXml(columns, [['a@b', '<x>'], ['c@d']], 'en')).toBe(
    `<x xmlns="${NS.forms}" type="result">${header}` +
      '<item><field var="who"><value>a@b</value></field><field var="what"><value>&lt;x&gt;</value></field></item>' +
      '<item><field var="who"><value>c@d</value></field><field var="what"><value></value></field></item></x>',
  );
  expect(tableXml(columns, [], 'en')).toBe(`<x xmlns="${NS.forms}" type="result">${header}</x>`);
});

test('FORM_TYPE is hidden and comes before every field; title and instructions before that', () => {
  expect(form([], { title: 'A & B', instructions: 'Fill in.' })).toBe(
    head.replace('<field', '<title>A &amp; B</title><instructions>Fill in.</instructions><field') + '</x>',
  );
});

test('a field has its description, whether it is required, its values, options and rule, in that order', () => {
  const field: Field = {
    var: 'muc#roomconfig_maxusers',
    type: 'list-single',
    label: 'Most',
    desc: 'People',
    required: true,
    values: ['10'],
    options: [{ value: '10' }, { value: '20', label: 'Twenty' }],
    validate: { datatype: 'xs:integer', open: true },
  };
  expect(form([field])).toBe(
    `${head}<field var="muc#roomconfig_maxusers" type="list-single" label="Most"><desc>People</desc><required/><value>10</value>` +
      `<option><value>10</value></option><option label="Twenty"><value>20</value></option>` +
      `<validate xmlns="${VALIDATE}" datatype="xs:integer"><open/></validate></field></x>`,
  );
});

test('a value that is not among the options is listed as one', () => {
  expect(form([{ var: 'n', type: 'list-single', values: ['37'], options: [{ value: '10' }] }])).toContain(
    '<option><value>10</value></option><option label="37"><value>37</value></option>',
  );
});

test.each<[Field['validate'], FieldType, string]>([
  [{ datatype: 'xs:integer' }, 'text-single', '<basic/>'],
  [{ datatype: 'xs:integer', min: '0', max: '9' }, 'text-single', '<range min="0" max="9"/>'],
  [{ datatype: 'xs:integer', min: '0' }, 'text-single', '<range min="0"/>'],
  [{ datatype: 'xs:integer', min: '0', open: true }, 'list-single', '<open/>'],
  // No range where several values are entered.
  [{ datatype: 'xs:integer', min: '0' }, 'text-multi', '<basic/>'],
])('a rule names its one method: %j on %s', (validate, type, method) => {
  expect(form([{ var: 'n', type, values: [], validate: validate as NonNullable<Field['validate']> }])).toContain(
    `datatype="xs:integer">${method}</validate>`,
  );
});

test('a result shows neither options nor rules; an unset text has no value', () => {
  const fields: Field[] = [
    { var: 'a', type: 'list-single', values: ['x'], options: [{ value: 'x' }], required: true, validate: { datatype: 'xs:string' } },
    { var: 'b', type: 'text-single', values: [] },
  ];
  expect(form(fields, { type: 'result' })).toBe(
    `${head.replace('"form"', '"result"')}<field var="a" type="list-single"><value>x</value></field><field var="b" type="text-single"/></x>`,
  );
});

test('what breaks a client cannot come out: no name twice, one value in single types, options in lists only', () => {
  const text = form([
    { var: 'a', type: 'text-single', values: ['1', '2'], options: [{ value: '1' }] },
    { var: 'a', type: 'text-single', values: ['3'] },
    { var: 'FORM_TYPE', type: 'hidden', values: ['urn:forged'] },
    { var: '', type: 'fixed', values: ['one', 'two'] },
    { var: '', type: 'fixed', values: ['three'] },
  ]);
  expect(text).toBe(
    `${head}<field var="a" type="text-single"><value>1</value></field>` +
      `<field type="fixed"><value>one</value><value>two</value></field><field type="fixed"><value>three</value></field></x>`,
  );
});

test('every form obeys XEP-0004 §3.3, and read again it has the same values', () => {
  const field = fc.record({
    var: fc.constantFrom('a', 'b', 'c', 'd', 'FORM_TYPE'),
    type: fc.constantFrom(...TYPES),
    values: fc.array(legalText, { maxLength: 3 }),
    options: fc.array(fc.record({ value: legalText, label: legalText }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), fc.constantFrom('form' as const, 'result' as const), (fields, type) => {
      const x = parse(form(fields, { type }));
      const written = childElements(x);
      expect(written[0]?.attrs).toEqual({ var: 'FORM_TYPE', type: 'hidden' });
      const names = written.map((el) => el.attrs['var'] as string);
      expect(new Set(names).size).toBe(names.length);
      for (const el of written) {
        const fieldType = el.attrs['type'] as FieldType;
        const values = childElements(el)
          .filter((part) => part.name === 'value')
          .map(textOf);
        const options = childElements(el)
          .filter((part) => part.name === 'option')
          .map((part) => textOf(child(part, 'value', NS.forms) as Element));
        if (!fieldType.endsWith('-multi')) expect(values.length).toBeLessThanOrEqual(1);
        if (!fieldType.startsWith('list-') || type === 'result') expect(options).toEqual([]);
        else for (const value of values) expect(options.filter((option) => option === value)).not.toEqual([]);
      }
      const read = parseForm(x) as Submitted;
      expect([read.type, read.formType]).toEqual([type, 'urn:f']);
      for (const name of names.slice(1)) {
        const source = fields.find((candidate) => candidate.var === name) as Field;
        expect(read.values.get(name)).toEqual(source.type.endsWith('-multi') ? source.values : source.values.slice(0, 1));
      }
      expect(read.values.has('FORM_TYPE')).toBe(false);
    }),
  );
});

const read = (inner: string, type = ' type="submit"'): ReturnType<typeof parseForm> =>
  parseForm(parse(`<x xmlns="${NS.forms}"${type}>${inner}</x>`));

test('a submission may leave the types out; a field without values is the empty list, an absent one is absent', () => {
  const submitted = read(
    '<field var="FORM_TYPE"><value>urn:f</value></field><field var="a"><value>1</value><value/></field><field var="b"/><field type="fixed" var="c"><value>x</value></field><field><value>y</value></field>',
  );
  expect(submitted).toEqual({
    type: 'submit',
    formType: 'urn:f',
    values: new Map([
      ['a', ['1', '']],
      ['b', []],
    ]),
  });
});

test('the empty submission and cancel carry no FORM_TYPE', () => {
  expect(read('')).toEqual({ type: 'submit', formType: undefined, values: new Map() });
  expect(read('', ' type="cancel"')).toEqual({ type: 'cancel', formType: undefined, values: new Map() });
});

test('a FORM_TYPE that is not hidden says nothing about the form (XEP-0068 §4.3)', () => {
  const visible = '<field var="FORM_TYPE" type="text-single"><value>urn:f</value></field>';
  const bare = '<field var="FORM_TYPE"><value>urn:f</value></field>';
  const formType = (parsed: ReturnType<typeof parseForm>): string | undefined => (parsed as Submitted).formType;
  expect(formType(read(visible))).toBeUndefined();
  expect(formType(read(bare, ' type="form"'))).toBeUndefined();
  expect(formType(read(bare))).toBe('urn:f');
});

test('a form may come with a prefix', () => {
  const stanza = parse(`<iq xmlns:p="${NS.forms}"><p:x type="submit"><p:field var="a"><p:value>1</p:value></p:field></p:x></iq>`);
  expect(parseForm(childElements(stanza)[0] as Element)).toEqual({ type: 'submit', formType: undefined, values: new Map([['a', ['1']]]) });
});

test.each([
  ['no type', read('', '')],
  ['an unknown type', read('', ' type="other"')],
  ['a field twice', read('<field var="a"/><field var="a"><value>1</value></field>')],
  ['another element', parseForm(parse('<x xmlns="urn:other" type="submit"/>'))],
])('a form with %s is refused with a sentence', (_, parsed) => {
  expect(String((parsed as { problem: unknown }).problem)).toMatch(/^[A-Z].*\.$/);
});

test.each([
  ['1', true],
  ['true', true],
  [' 1\n', true],
  ['0', false],
  ['false', false],
  ['', undefined],
  ['TRUE', undefined],
  ['yes', undefined],
  ['2', undefined],
])('the boolean %j is %s', (text, wanted) => {
  expect(parseBoolean(text)).toBe(wanted);
});
