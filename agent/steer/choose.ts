/** One tunnel of a connection, as steering sees it. */
export interface Candidate {
  readonly index: 1 | 2;
  /** Its CHILD_SA is installed. */
  readonly up: boolean;
  /** false: proven dead. null: nothing proves it either way. */
  readonly passing: boolean | null;
}

const isUsable = (candidate: Candidate | undefined): boolean => candidate?.up === true && candidate.passing !== false;

/**
 * The tunnel that should carry. A usable carrier stays; a failed one is left for a tunnel that is proven better; with
 * none usable nothing moves, because nothing would be gained.
 */
export const chooseCarrier = (candidates: readonly Candidate[], current: 1 | 2): 1 | 2 => {
  const carrier = candidates.find((candidate) => candidate.index === current);
  if (isUsable(carrier)) return current;
  const other = candidates.find((candidate) => candidate.index !== current);
  return isUsable(other) ? (other?.index ?? current) : current;
};
