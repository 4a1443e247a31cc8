/** A problem or a failure, as a person should read it. */
export interface Trouble {
  readonly text: string;
  readonly fix: string;
}
