/* What happens to a stack, and when: the order, the states and the words in which CloudFormation tells it. */

/** One event to come. Times are milliseconds since the epoch. */
export interface TimedEvent {
  readonly at: number;
  /** The stack's own name for events of the stack. */
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

export interface Work {
  readonly stackName: string;
  readonly kind: "CREATE" | "UPDATE";
  readonly start: number;
  /** How long one resource takes. */
  readonly stepMs: number;
  /** Those that change, each with what has to be there before. */
  readonly resources: readonly { readonly id: string; readonly type: string; readonly after: readonly string[] }[];
  /** The resource that fails, with AWS's words. */
  readonly failing: { readonly id: string; readonly reason: string } | undefined;
}

const STACK = "AWS::CloudFormation::Stack";

/** In which round each resource has its turn: after everything that it needs. */
const rounds = ({ resources }: Work): Map<string, number> => {
  const round = new Map<string, number>();
  const roundOf = (id: string): number => {
    const known = round.get(id);
    if (known !== undefined) return known;
    const one = resources.find((other) => other.id === id);
    const own = one ? 1 + Math.max(-1, ...one.after.map(roundOf)) : -1;
    if (one) round.set(id, own);
    return own;
  };
  for (const { id } of resources) roundOf(id);
  return round;
};

/** Everything that happens, in order; the last event is the stack's final state. */
export const timelineOf = (work: Work): TimedEvent[] => {
  const { stackName, kind, start, stepMs, resources, failing } = work;
  const round = rounds(work);
  const stack = (at: number, status: string, reason?: string): TimedEvent => ({
    at,
    logicalId: stackName,
    type: STACK,
    status,
    ...(reason === undefined ? {} : { reason }),
  });
  const failingRound = failing ? (round.get(failing.id) ?? 0) : Number.POSITIVE_INFINITY;
  const events: TimedEvent[] = [stack(start, `${kind}_IN_PROGRESS`, "User Initiated")];
  const begun = resources.filter(({ id }) => (round.get(id) ?? 0) <= failingRound);
  for (const { id, type } of begun) {
    const from = start + (round.get(id) ?? 0) * stepMs;
    const to = from + stepMs;
    const own = (at: number, status: string, reason?: string) =>
      events.push({ at, logicalId: id, type, status, ...(reason === undefined ? {} : { reason }) });
    own(from, `${kind}_IN_PROGRESS`);
    own(from + 1, `${kind}_IN_PROGRESS`, `Resource ${kind === "CREATE" ? "creation" : "update"} Initiated`);
    if (id === failing?.id) own(to - 2, `${kind}_FAILED`, failing.reason);
    else if (round.get(id) === failingRound)
      own(to - 1, `${kind}_FAILED`, `Resource ${kind === "CREATE" ? "creation" : "update"} cancelled`);
    else own(to, `${kind}_COMPLETE`);
  }
  const end = Math.max(start, ...events.map(({ at }) => at)) + 1;
  events.push(...(failing ? takenBack(work, begun, end, stack) : [stack(end, `${kind}_COMPLETE`)]));
  return events.sort((a, b) => a.at - b.at);
};

/** What was begun is deleted again, the other way round; an update's is put back. */
const takenBack = (
  { kind, stepMs, failing }: Work,
  begun: Work["resources"],
  end: number,
  stack: (at: number, status: string, reason?: string) => TimedEvent,
): TimedEvent[] => {
  const word = kind === "CREATE" ? "create" : "update";
  const state = kind === "CREATE" ? "ROLLBACK" : "UPDATE_ROLLBACK";
  const names = begun.map(({ id }) => id).join(", ");
  const undone = begun.map(({ id, type }) => ({
    at: end + stepMs,
    logicalId: id,
    type,
    status: kind === "CREATE" ? "DELETE_COMPLETE" : "UPDATE_COMPLETE",
  }));
  return [
    stack(
      end,
      `${state}_IN_PROGRESS`,
      `The following resource(s) failed to ${word}: [${failing?.id ?? names}]. Rollback requested by user.`,
    ),
    ...undone.reverse(),
    stack(end + stepMs + 1, `${state}_COMPLETE`),
  ];
};
