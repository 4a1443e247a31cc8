/** One event of a stack. Source: CloudFormation, DescribeStackEvents. */
export interface StackEvent {
  readonly id: string;
  readonly logicalId: string;
  /** Of the stack itself: AWS::CloudFormation::Stack. */
  readonly type: string;
  readonly status: string;
  /** "" without one. */
  readonly reason: string;
}

const STACK = "AWS::CloudFormation::Stack";

const isOfStack = ({ type }: StackEvent): boolean => type === STACK;

/** What CloudFormation says of resources that it stops because of another one. */
const CANCELLED = /cancelled/i;

/** The events, oldest first, that came after those already seen. */
export const newEvents = (events: readonly StackEvent[], seen: ReadonlySet<string>): StackEvent[] =>
  events.filter(({ id }) => !seen.has(id));

/** The first resource that failed by itself: what came later was cancelled because of it. undefined: none did. */
export const firstFailure = (events: readonly StackEvent[]): StackEvent | undefined => {
  const failures = events.filter((event) => event.status.endsWith("_FAILED"));
  const own = failures.filter((event) => !CANCELLED.test(event.reason));
  return own.find((event) => !isOfStack(event)) ?? own[0] ?? failures[0];
};

/** "Function CREATE_FAILED: reason", for a person who watches. */
export const eventText = ({ logicalId, status, reason }: StackEvent): string =>
  reason === "" ? `${logicalId} ${status}` : `${logicalId} ${status}: ${reason}`;

/** "3 of 13 resources done; at work on LoadBalancer, FunctionRole". `events` oldest first; `total` 0: not known. */
export const progressText = (events: readonly StackEvent[], total: number): string => {
  const last = new Map(events.filter((event) => !isOfStack(event)).map((event) => [event.logicalId, event.status] as const));
  const done = [...last.values()].filter((status) => status.endsWith("_COMPLETE")).length;
  const busy = [...last].flatMap(([id, status]) => (status.endsWith("_IN_PROGRESS") ? [id] : []));
  return `${total === 0 ? done : `${done} of ${total}`} resources done${busy.length > 0 ? `; at work on ${busy.join(", ")}` : ""}`;
};
