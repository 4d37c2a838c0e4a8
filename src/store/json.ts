import type { Prisma } from './generated/client.ts';

/** A value as JSON has it: dates as ISO 8601, nothing undefined. */
export const json = (value: object): Prisma.InputJsonValue => JSON.parse(JSON.stringify(value));
