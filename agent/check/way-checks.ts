import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import { LOCAL_ADDRESS_GONE } from "../model/local-address.ts";
import { NO_ANSWER_500, NO_ANSWER_4500 } from "../model/no-answer.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { PathMtu } from "./path-mtu.ts";
import { failed, ok, skipped, type Verdict, warned } from "./result.ts";
import { type CheckSpec, defineCheck } from "./spec.ts";
import type { TcpMss } from "./tcp-mss.ts";
import { talksWith, type UdpAnswer } from "./udp-answers.ts";

const about = ({ ref, index }: Pick<UdpAnswer, "ref" | "index">) => ({ connection: connectionKey(ref), tunnel: index });

const verdict500 = (answer: UdpAnswer, sas: readonly ObservedIke[]): Verdict => {
  if (answer.answered) return ok(answer.remote, about(answer));
  // Some gateways answer only the peer and the ports that they know; packets that come in by the SA prove more.
  if (talksWith(sas, answer.remote))
    return ok(`${answer.remote} talks with charon, though not with a stranger's port`, about(answer));
  return failed(NO_ANSWER_500.text(answer.remote), NO_ANSWER_500.fix, about(answer));
};

const verdict4500 = (answer: UdpAnswer, all: readonly UdpAnswer[], sas: readonly ObservedIke[]): Verdict => {
  const { remote, answered, ref, index } = answer;
  const silent500 = all.some(
    (other) => other.port === 500 && other.index === index && connectionKey(other.ref) === connectionKey(ref) && !other.answered,
  );
  if (answered) return ok(remote, about(answer));
  const natted = sas.filter(({ childSas }) => childSas.some(({ encap }) => encap));
  if (talksWith(natted, remote)) return ok(`${remote} talks with charon, though not with a stranger's port`, about(answer));
  if (silent500 && !talksWith(sas, remote)) return skipped(`It follows from ${NO_ANSWER_500.code}.`, undefined, about(answer));
  if (talksWith(sas, remote))
    return warned(
      `${remote} does not answer on UDP 4500. The tunnel is up without it, as long as there is no NAT in between.`,
      NO_ANSWER_4500.fix,
      about(answer),
    );
  return failed(NO_ANSWER_4500.text(remote), NO_ANSWER_4500.fix, about(answer));
};

/** IPv4 header and TCP header. */
const TCP_HEADERS = 40;

const clamp = (mss: number): string =>
  `nft add table ip mss '{ chain forward { type filter hook forward priority mangle; tcp flags syn tcp option maxseg size set ${mss}; }; }', or the same by iptables -j TCPMSS.`;

const mtuVerdict = (measured: PathMtu): Verdict => {
  const { bytes, expected, target } = measured;
  if (bytes === null)
    return skipped(
      `${target} does not answer pings through this tunnel, so nothing can be measured.`,
      "Set probe.target to an address in the space that answers pings.",
      about(measured),
    );
  if (bytes >= expected) return ok(`${bytes} bytes, so TCP may have an MSS of ${bytes - TCP_HEADERS}`, about(measured));
  return failed(
    `Packets of more than ${bytes} bytes are lost, ${expected} should pass: connections open and then hang.`,
    `Let nothing between the gateways drop fragments or ICMP "fragmentation needed"; until then: ${clamp(bytes - TCP_HEADERS)}`,
    about(measured),
  );
};

const mssVerdict = (measured: TcpMss, pathMtus: readonly PathMtu[]): Verdict => {
  const own = pathMtus.find((one) => connectionKey(one.ref) === connectionKey(measured.ref) && one.index === measured.index);
  const room = own?.bytes === undefined || own.bytes === null ? undefined : own.bytes - TCP_HEADERS;
  if (room === undefined)
    return skipped(`TCP agreed on ${measured.mss}, but what passes is not known.`, undefined, about(measured));
  if (measured.mss <= room) return ok(`TCP agreed on ${measured.mss}, ${room} would pass`, about(measured));
  return failed(
    `TCP agreed on segments of ${measured.mss} bytes, but ${room} is the most that passes: connections open and then hang.`,
    clamp(room),
    about(measured),
  );
};

const localVerdict = ({ ref, index, local }: DesiredTunnel, addresses: readonly string[]): Verdict =>
  addresses.includes(local)
    ? ok(local, about({ ref, index }))
    : failed(LOCAL_ADDRESS_GONE.text(local), LOCAL_ADDRESS_GONE.fix, about({ ref, index }));

export const WAY_CHECKS: readonly CheckSpec[] = [
  defineCheck({
    code: LOCAL_ADDRESS_GONE.code,
    title: "This host has the tunnel's own address",
    group: "Way to Heroku",
    needs: ["outlook", "addresses"],
    judge: ({ outlook, addresses }) => outlook.tunnels.map((tunnel) => localVerdict(tunnel, addresses)),
  }),
  defineCheck({
    code: NO_ANSWER_500.code,
    title: "VPN gateway answers on UDP 500",
    group: "Way to Heroku",
    needs: ["udpAnswers", "outlook"],
    judge: ({ udpAnswers, outlook }) =>
      udpAnswers.filter(({ port }) => port === 500).map((answer) => verdict500(answer, outlook.sas)),
  }),
  defineCheck({
    code: NO_ANSWER_4500.code,
    title: "VPN gateway answers on UDP 4500",
    group: "Way to Heroku",
    needs: ["udpAnswers", "outlook"],
    judge: ({ udpAnswers, outlook }) =>
      udpAnswers.filter(({ port }) => port === 4500).map((answer) => verdict4500(answer, udpAnswers, outlook.sas)),
  }),
  defineCheck({
    code: "mtu-small",
    title: "Large packets pass",
    group: "Way to Heroku",
    explainedBy: [NO_ANSWER_500.code, NO_ANSWER_4500.code],
    needs: ["pathMtus"],
    judge: ({ pathMtus }) => pathMtus.map(mtuVerdict),
  }),
  defineCheck({
    code: "mss-large",
    title: "TCP's segments fit",
    group: "Way to Heroku",
    explainedBy: ["mtu-small"],
    needs: ["tcpMss", "pathMtus"],
    judge: ({ tcpMss, pathMtus }) => tcpMss.map((one) => mssVerdict(one, pathMtus)),
  }),
];
