import { createSocket } from "node:dgram";
import type { Clock } from "../lib/clock.ts";
import { createLimit } from "../lib/limit.ts";
import type { ConnectionRef } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ObservedIke } from "../model/observed.ts";
import { answersIke, ikeQuestions } from "./ike-packet.ts";

export type IkePort = 500 | 4500;

/** Whether one VPN gateway answers IKE on one port. */
export interface UdpAnswer {
  readonly ref: ConnectionRef;
  readonly index: 1 | 2;
  readonly remote: string;
  readonly port: IkePort;
  readonly answered: boolean;
}

export interface IkeAsk {
  readonly local: string;
  readonly remote: string;
  readonly port: IkePort;
  readonly ikeVersion: 1 | 2;
}

/** Asks a VPN gateway over UDP; true as soon as anything comes back. */
export type AskIke = (ask: IkeAsk, signal: AbortSignal) => Promise<boolean>;

/** When the first, stateless question is sent, and then the genuine ones, milliseconds from the start. */
const SENT_AT = [0, 300, 900, 1700];
const PATIENCE_MS = 2600;

/**
 * Asks from a port of its own, so that charon is not disturbed. The question that leaves nothing behind comes first; only a
 * gateway that keeps silent is sent the first message of a negotiation, which it forgets after a while.
 */
export const askIke =
  (clock: Clock): AskIke =>
  async ({ local, remote, port, ikeVersion }, signal) => {
    const { stateless, genuine } = ikeQuestions(port, ikeVersion);
    const socket = createSocket("udp4");
    const done = new AbortController();
    const over = AbortSignal.any([signal, done.signal]);
    const heard = new Promise<boolean>((resolve, reject) => {
      socket.once("error", reject);
      socket.on("message", (datagram) => {
        if ([stateless, genuine].some((question) => answersIke(question, datagram, port))) resolve(true);
      });
    });
    const send = async (): Promise<false> => {
      await new Promise<void>((resolve) => socket.bind({ address: local, port: 0 }, resolve));
      for (const [place, at] of SENT_AT.entries()) {
        await clock.sleep(at - (SENT_AT[place - 1] ?? 0), over);
        // An ICMP error of an earlier packet may be told here; silence says as much.
        socket.send(place === 0 ? stateless : genuine, port, remote, () => undefined);
      }
      await clock.sleep(PATIENCE_MS - (SENT_AT.at(-1) ?? 0), over);
      return false;
    };
    const silence = send();
    silence.catch(() => undefined);
    try {
      return await Promise.race([heard, silence]);
    } finally {
      done.abort();
      socket.close();
    }
  };

const PORTS: readonly IkePort[] = [500, 4500];

/** A socket each. */
const AT_A_TIME = 200;

/** Asks every VPN gateway on both ports, of many connections some at a time. */
export const gatherUdpAnswers = (tunnels: readonly DesiredTunnel[], ask: AskIke, signal: AbortSignal): Promise<UdpAnswer[]> => {
  const limit = createLimit(AT_A_TIME);
  return Promise.all(
    tunnels.flatMap(({ ref, index, local, remote, ikeVersion }) =>
      PORTS.map(async (port) => ({
        ref,
        index,
        remote,
        port,
        answered: await limit(() => ask({ local, remote, port, ikeVersion }, signal)),
      })),
    ),
  );
};

/** The agent sends something through every tunnel each 5 s at least, and the answer comes back. */
const RECENT_S = 10;

/** Packets came in by an IKE_SA with the gateway just now: then its silence towards a stranger's port means nothing. */
export const talksWith = (sas: readonly ObservedIke[], remote: string): boolean =>
  sas.some(
    ({ state, remoteHost, childSas }) =>
      state === "ESTABLISHED" &&
      remoteHost === remote &&
      childSas.some(({ useInS }) => useInS !== undefined && useInS < RECENT_S),
  );
