import fc from 'fast-check';

/** What somebody types who wants more than to be read. */
export const tricks = [
  '<!channel>',
  '<!here|here>',
  '<!everyone>',
  '<!subteam^S0OPS>',
  '<!date^0^{date}|never>',
  '<@U0SAM>',
  '<#C0SECURITY>',
  '<https://evil.example|Approve>',
  '<javascript:alert(1)|Approve>',
  'https://evil.example/approve',
  '&lt;!here&gt;',
  '&amp;lt;!here&amp;gt;',
  '*bold*',
  '_it_',
  '~s~',
  '`code`',
  '```',
  'snake_case_name',
  ':tada:',
  '::skin-tone-2:',
  '> quote',
  '>>> quote',
  '\u200b*\u200b',
  '\n• Security: approved by ',
  '\r\n',
  '|',
  '\u202e',
  '\u2066',
  '\u001b[31m',
  '\u0001',
  '\u0085',
  '{"level":30,"msg":"ready"}\n',
  "=cmd()|'/c calc'!A1",
  '🚒',
  '👩‍👩‍👧‍👦',
  'e\u0301\u0323\u0316',
  '障害',
  'עזרה',
  '"',
  '\\',
  '{ticket}',
  '$&',
  '%3C!here%3E',
  '/../..',
];

const codePoint = fc.integer({ min: 0x1, max: 0x10ffff }).filter((point) => point < 0xd800 || point > 0xdfff);
const anything = fc.array(codePoint, { maxLength: 8 }).map((points) => String.fromCodePoint(...points));

const units = (character: string): number => character.length;
const points = (): number => 1;

function fitting(text: string, max: number, lengthOf: (character: string) => number): string {
  let kept = '';
  let length = 0;
  for (const character of text) {
    length += lengthOf(character);
    if (length > max) break;
    kept += character;
  }
  return kept;
}

const mixed = fc
  .array(fc.oneof(fc.constantFrom(...tricks), anything), { maxLength: 12 })
  .map((parts) => parts.join(''));
const monotonous = fc
  .constantFrom(...tricks, '&', '<', '*', '_', ':', 'a', ':a')
  .map((trick) => trick.repeat(Math.ceil(1000 / [...trick].length)));

/** Tricks and any characters mixed, or one of them over and over, up to the most that a field takes. */
const upTo = (max: number, lengthOf: (character: string) => number): fc.Arbitrary<string> =>
  fc.oneof(mixed, monotonous).map((text) => fitting(text, max, lengthOf));

/** Up to so many characters as people count. */
export const text = (max: number): fc.Arbitrary<string> => upTo(max, points);
/** Up to so many UTF-16 units, with something to see in it. */
export const name = (max: number): fc.Arbitrary<string> => upTo(max, units).map((made) => made.trim() || 'x');
export const key = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
