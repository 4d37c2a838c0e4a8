const SCHEMES = ['http:', 'https:', 'mailto:'];

/** Only these lead anywhere when they are clicked: never a script. */
export const leadsSomewhere = (address: string): boolean =>
  URL.canParse(address) && SCHEMES.includes(new URL(address).protocol);
