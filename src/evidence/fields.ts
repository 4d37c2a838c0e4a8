/** Fields of an entry's details. Each throws what is wrong with it, in words that stand behind "entry N:". */
type Details = Readonly<Record<string, unknown>>;

export function textIn(details: Details, name: string): string {
  const value = details[name];
  if (typeof value !== 'string') throw new Error(`it says nothing of ${name}`);
  return value;
}

export function numberIn(details: Details, name: string): number {
  const value = details[name];
  if (typeof value !== 'number') throw new Error(`it says no number of ${name}`);
  return value;
}

export function dateIn(details: Details, name: string): Date {
  const at = new Date(textIn(details, name));
  if (Number.isNaN(at.getTime())) throw new Error(`it says no time of ${name}`);
  return at;
}

/** Texts in a list; none where there is no list. */
export const textsIn = (details: Details, name: string): string[] => {
  const value = details[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
};

export function wordIn<W extends string>(details: Details, name: string, words: readonly W[]): W {
  const value = words.find((word) => word === details[name]);
  if (value === undefined) throw new Error(`it says a ${name} that there is not`);
  return value;
}

/** Who did it, by their id; null where nobody did. */
export const personIn = (details: Details): string | null =>
  details.person === null ? null : textIn(details, 'person');
