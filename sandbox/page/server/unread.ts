import type { LocalSlack } from '../../slack/index.ts';

/** How far everybody has read, in each channel; whoever has two windows reads in both. */
export class Unread {
  readonly #slack: LocalSlack;
  /** By person and channel: the latest message they saw. */
  readonly #read = new Map<string, string>();

  constructor(slack: LocalSlack) {
    this.#slack = slack;
  }

  read(person: string, channel: string): void {
    const last = this.#slack.messages(channel).at(-1);
    if (last) this.#read.set(`${person} ${channel}`, last.ts);
  }

  /** What was said before anybody was there is nothing that waits for them. */
  everythingIsRead(): void {
    for (const { id, members } of this.#slack.channels) for (const person of members) this.read(person, id);
  }

  /** How many messages of others wait for this person there. A change of one that was read counts for nothing. */
  in(channel: string, person: string): number {
    const read = this.#read.get(`${person} ${channel}`) ?? '';
    return this.#slack
      .messages(channel)
      .filter(({ ts, user, ephemeralTo }) => ts > read && user !== person && (ephemeralTo ?? person) === person).length;
  }
}
