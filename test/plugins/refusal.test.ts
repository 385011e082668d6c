/** What a plug-in's refusal must be: its condition becomes the name of an element. */
import { refuse } from '../../src/plugin';
import { errorOf } from '../../src/plugins/checks';

test('a condition that RFC 6120 does not have is a mistake of the plug-in, and reaches nobody', () => {
  const wrong = refuse('Not allowed: <x/>' as 'forbidden', 'No.');
  expect(() => errorOf(wrong)).toThrow(TypeError);
  expect(errorOf(refuse('forbidden', 'No.'))).toMatchObject({ condition: 'forbidden' });
});
