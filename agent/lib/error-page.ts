/** What one stable code means, for `spacegate explain` and README.md. */
export interface ErrorPage {
  /** One or two sentences. */
  readonly meaning: string;
  /** In general; each error brings the fix for its own case. */
  readonly advice: string;
}
