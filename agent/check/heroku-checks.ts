import { formatDuration } from "../lib/duration.ts";
import { isPrivateBlock, parseCidr } from "../lib/ip.ts";
import { connectionKey, expectedAddresses, isExpectedAddress } from "../model/connection.ts";
import type { SourceState } from "../model/source.ts";
import type { DetailProblem, Outlook, PublicAddress } from "./facts.ts";
import { failed, ok, skipped, type Verdict, warned } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";

const about = (state: SourceState): { readonly connection: string } => ({ connection: connectionKey(state.ref) });

const sourceVerdict = (state: SourceState, kind: string): Verdict => {
  // Details that are there and cannot be used are told by another check.
  if (state.error && state.error.code !== "CONNECTION_INVALID") return failed(state.error.message, state.error.fix, about(state));
  if (state.origin === "last-good-copy") return ok("the running agent gets them; this shell has no token", about(state));
  return ok(kind === "file" ? "the file has them" : "the token is valid and allowed", about(state));
};

const waitingVerdict = (state: SourceState, { warnings }: Outlook): Verdict => {
  const key = connectionKey(state.ref);
  const waiting = warnings.find((warning) => warning.code === "connection-waiting" && warning.connection === key);
  if (waiting) return failed(waiting.text, waiting.fix, about(state));
  if (!state.connection) return skipped("Nothing is known of the connection.", undefined, about(state));
  const { status, tunnels } = state.connection;
  return ok(`${status}, ${tunnels.map(({ ip }) => ip).join(" and ")}`, about(state));
};

/** "203.0.113.10 itself" or "behind NAT": what the VPN gateways see of this host. */
const relation = (own: string | undefined, address: string): string => {
  if (own === undefined) return address;
  if (own === address) return `${address} is this host's own address`;
  const block = parseCidr(`${own}/32`);
  const kind = block && isPrivateBlock(block) ? "private address" : "address";
  return `${address} stands in front of this host's ${kind} ${own}: ESP travels in UDP 4500`;
};

const addressVerdicts = (state: SourceState, known: PublicAddress | undefined, outlook: Outlook): Verdict[] => {
  const key = connectionKey(state.ref);
  if (!state.connection) return [skipped("Nothing is known of the connection.", undefined, about(state))];
  const wrong = outlook.problems.filter(({ connection, field }) => connection === key && isExpectedAddress(field));
  if (wrong.length > 0) return wrong.map(({ text, fix }) => failed(text, fix, about(state)));
  const expected = [...new Set(expectedAddresses(state.connection).map(({ address }) => address))];
  if (expected.length === 0) return [skipped("Heroku does not say where it expects this gateway.", undefined, about(state))];
  if (!known)
    return [
      skipped(
        `Heroku has ${expected.join(" or ")}; this host does not know its own.`,
        "Compare with `curl https://checkip.amazonaws.com`, and set local.public_address to have it watched.",
        about(state),
      ),
    ];
  if (!expected.some((address) => known.addresses.includes(address)))
    return [
      failed(
        `Heroku expects this gateway at ${expected.join(" or ")}, but its public address is ${known.addresses.join(" or ")}.`,
        "Give this gateway that address (an Elastic IP), or create the VPN connection again with --ip set to the right one.",
        about(state),
      ),
    ];
  const own = outlook.tunnels.find(({ ref }) => connectionKey(ref) === key)?.local;
  return [ok(`${relation(own, known.addresses[0] ?? "")} (from ${known.from})`, about(state))];
};

const problemVerdict = ({ severity, text, fix, connection }: DetailProblem): Verdict =>
  severity === "error" ? failed(text, fix, { connection }) : warned(text, fix, { connection });

const subnetVerdicts = (state: SourceState, { problems }: Outlook, subnets: readonly string[]): Verdict[] => {
  const key = connectionKey(state.ref);
  if (state.error?.code === "CONNECTION_INVALID") return [failed(state.error.message, state.error.fix, about(state))];
  const own = problems.filter(({ connection, field }) => connection === key && !isExpectedAddress(field));
  if (own.length > 0) return own.map(problemVerdict);
  if (!state.connection) return [skipped("Nothing is known of the connection.", undefined, about(state))];
  return [ok(`${subnets.join(", ")} and ${state.connection.spaceCidr}`, about(state))];
};

/** Logs that disagree by more are of no use to anybody, and certificates begin to be refused. */
const CLOCK_LIMIT_MS = 60_000;

export const HEROKU_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: "source-failed",
    title: "Heroku gives the details",
    group: "Heroku",
    needs: ["settings", "sources"],
    judge: ({ settings, sources }) => sources.map((state) => sourceVerdict(state, settings.heroku.source)),
  }),
  defineCheck({
    code: "connection-waiting",
    title: "Connection is ready",
    group: "Heroku",
    needs: ["sources", "outlook"],
    judge: ({ sources, outlook }) => sources.map((state) => waitingVerdict(state, outlook)),
  }),
  defineCheck({
    code: "public-address-differs",
    title: "Public address is as Heroku has it",
    group: "Heroku",
    needs: ["sources", "outlook", "publicAddresses"],
    judge: ({ sources, outlook, publicAddresses }) =>
      sources.flatMap((state) =>
        addressVerdicts(
          state,
          publicAddresses.find(({ ref }) => connectionKey(ref) === connectionKey(state.ref)),
          outlook,
        ),
      ),
  }),
  defineCheck({
    code: "connection-refused",
    title: "Networks fit and do not overlap",
    group: "Heroku",
    needs: ["settings", "sources", "outlook"],
    judge: ({ settings, sources, outlook }) =>
      sources.flatMap((state) => {
        const own = settings.connections.find((one) => connectionKey(one) === connectionKey(state.ref));
        return subnetVerdicts(state, outlook, own?.local.subnets ?? []);
      }),
  }),
  defineCheck({
    code: "clock-wrong",
    title: "Clock is right",
    group: "Heroku",
    needs: ["clock"],
    judge: ({ clock: { offsetMs, against } }) => {
      const off = formatDuration(Math.abs(offsetMs));
      if (Math.abs(offsetMs) <= CLOCK_LIMIT_MS) return [ok(`${off} from ${against}'s`)];
      return [
        failed(
          `This host's clock is ${off} ${offsetMs > 0 ? "ahead of" : "behind"} ${against}'s.`,
          "Let systemd-timesyncd or chrony set it: timedatectl set-ntp true",
        ),
      ];
    },
  }),
];
