import type { NewChannel } from './slack/index.ts';

/** Where the owner of many tenants is asked, apart from where the cast plays. */
export const customers: NewChannel = { id: 'C0CUSTOMERS', name: 'customer-owners', members: ['U0GINA'] };

/** The configuration with so many tenants more, all of Gina's and all asked in one channel. */
export function withTenants(configuration: string, count: number): string {
  const more = Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(3, '0');
    return `  - { key: customer-${number}, name: Customer ${number}, channel: ${customers.id}, owners: [U0GINA] }\n`;
  });
  return configuration.replace(/^schedules:/m, `${more.join('')}schedules:`);
}
