import type { Locator, Page } from 'playwright-core';
import { channels, type Player } from '../../sandbox/cast.ts';

/** What an operator fills into the form of /breakglass. */
export interface Asked {
  tenant: string;
  scope: string;
  circumstance: string;
  reason: string;
  ticket: string;
}

export const asked = (changes: Partial<Asked> & Pick<Asked, 'ticket'>): Asked => ({
  tenant: 'Acme Corp',
  scope: 'Content access',
  circumstance: 'Critical incident',
  reason: 'The import is corrupting documents; I will stop it and repair them',
  ...changes,
});

/** One window of the page, as the person who sits before it uses it: by what is named and shown, never by markup. */
export class Window {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async be(player: Player): Promise<void> {
    await this.page.getByLabel('You are').selectOption({ value: player });
  }

  async open(where: keyof typeof channels | 'dm'): Promise<void> {
    const button = this.channelButton(where);
    await this.#reveal(button, 'Channels');
    await button.click();
    await this.log(where).waitFor();
  }

  channelButton(where: keyof typeof channels | 'dm'): Locator {
    return this.page.getByRole('navigation', { name: 'Channels' }).getByRole('button', { name: nameOf(where) });
  }

  log(where: keyof typeof channels | 'dm'): Locator {
    return this.page.getByRole('log', { name: `Messages in ${nameOf(where)}` });
  }

  get composer(): Locator {
    return this.page
      .getByRole('combobox', { name: /^Message / })
      .or(this.page.getByRole('textbox', { name: /^Message / }));
  }

  async type(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** The newest message that says all of this. */
  message(...says: readonly string[]): Locator {
    const all = this.page.getByRole('article');
    return says.reduce((found, text) => found.filter({ hasText: text }), all).last();
  }

  async press(message: Locator, button: string): Promise<void> {
    await message.getByRole('button', { name: button, exact: true }).click();
  }

  /** Presses a button that asks before it does anything, and says yes. */
  async pressAndConfirm(message: Locator, button: string): Promise<void> {
    await this.press(message, button);
    await this.dialog('Approve this access?').getByRole('button', { name: button, exact: true }).click();
  }

  dialog(title: string): Locator {
    return this.page.getByRole('dialog', { name: title });
  }

  async fillIn(form: Locator, { tenant, scope, circumstance, reason, ticket }: Asked): Promise<void> {
    await this.chooseTenant(form, tenant);
    await form.getByRole('radio', { name: scope }).check();
    await form.getByRole('radio', { name: circumstance }).check();
    await form.getByRole('textbox', { name: 'Reason' }).fill(reason);
    await form.getByRole('textbox', { name: 'Ticket' }).fill(ticket);
  }

  async chooseTenant(form: Locator, tenant: string): Promise<void> {
    await form.getByRole('combobox', { name: 'Tenant' }).fill(tenant);
    await form.getByRole('option', { name: tenant }).click();
  }

  /** Types /breakglass, fills in the form and sends it; it closes. */
  async ask(what: Asked): Promise<void> {
    await this.type('/breakglass');
    const form = this.dialog('Break-glass request');
    await this.fillIn(form, what);
    await form.getByRole('button', { name: 'Ask' }).click();
    await form.waitFor({ state: 'hidden' });
  }

  async hideFirstSteps(): Promise<void> {
    await this.page.getByRole('region', { name: 'First steps' }).getByRole('button', { name: 'Hide' }).click();
  }

  /** The panel on the right. */
  get behind(): Locator {
    return this.page.getByRole('complementary', { name: 'Behind the scenes' });
  }

  async control(name: string): Promise<void> {
    const button = this.page.getByRole('region', { name: 'Controls' }).getByRole('button', { name, exact: true });
    await this.#reveal(button, 'Panel');
    await button.click();
  }

  async slack(how: 'Works' | 'Answers 429' | 'Is down'): Promise<void> {
    const choice = this.page.getByRole('radio', { name: how });
    await this.#reveal(choice, 'Panel');
    await choice.click();
  }

  /** On a narrow screen some parts are behind a button of the header. */
  async #reveal(part: Locator, drawer: 'Channels' | 'Panel'): Promise<void> {
    const toggle = this.page.getByRole('button', { name: new RegExp(`^${drawer}(, \\d+ unread)?$`) });
    await part.or(toggle).first().waitFor();
    if (!(await part.isVisible())) await toggle.click();
  }
}

export const nameOf = (where: keyof typeof channels | 'dm'): string =>
  where === 'dm' ? 'Breakglass' : `#${channels[where].name}`;

/** Waits until it can be seen. */
export const seen = (what: Locator): Promise<void> => what.waitFor({ state: 'visible' });
