/** Answers to one question that several ask side by side: one that was asked for before the newest answer came tells nothing any more. */
export class Newest<Answer> {
  readonly #ask: () => Promise<Answer>;
  #asked = 0;
  #answered = 0;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  /** Resolves to undefined when a newer answer was there first. Rejects as the question does. */
  async ask(): Promise<Answer | undefined> {
    this.#asked += 1;
    const asked = this.#asked;
    const answer = await this.#ask();
    if (asked < this.#answered) return undefined;
    this.#answered = asked;
    return answer;
  }

  /** Something better than any answer is known now: what is under way is void. */
  overtake(): void {
    this.#asked += 1;
    this.#answered = this.#asked;
  }
}
