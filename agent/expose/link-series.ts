import type { LinkStatus } from "../model/privatelink.ts";
import type { Status } from "../model/status.ts";
import type { Row } from "./register.ts";
import { flag, type Series } from "./series.ts";

export const LINK = ["link"] as const;

const known = (holds: boolean | null | undefined): number => (holds === null || holds === undefined ? Number.NaN : flag(holds));

const seconds = (ms: number | null | undefined): number => (ms === null || ms === undefined ? Number.NaN : ms / 1000);

/** Heroku and AWS write states in more than one case. */
const isState = (state: string, wanted: string): boolean => state.toLowerCase() === wanted;

/** One series for each declared PrivateLink: what is down is 0, not absent. NaN where nothing is known. */
export const LINK_SERIES: readonly Series<LinkStatus>[] = [
  {
    name: "spacegate_privatelink_up",
    help: "1 when the link is ok or degraded: its newest proof says that it carries, or the first one after a good one failed.",
    type: "gauge",
    value: ({ status }) => flag(status === "ok" || status === "degraded"),
  },
  {
    name: "spacegate_privatelink_heroku_operational",
    help: "1 when Heroku's side is Operational, NaN for a service by its name.",
    type: "gauge",
    value: ({ herokuStatus, target }) => (target.kind === "heroku" ? flag(isState(herokuStatus, "operational")) : Number.NaN),
  },
  {
    name: "spacegate_privatelink_endpoint_available",
    help: "1 when AWS says that the VPC endpoint is available.",
    type: "gauge",
    value: ({ endpointState }) => flag(isState(endpointState, "available")),
  },
  {
    name: "spacegate_privatelink_dns_inside",
    help: "1 when the link's name leads through the endpoint, 0 when it leads over the internet or nowhere.",
    type: "gauge",
    value: ({ proof }) => known(proof && proof.dns === "endpoint"),
  },
  {
    name: "spacegate_privatelink_tcp_connected",
    help: "1 when the newest proof got a TCP connection, NaN when it did not come to it.",
    type: "gauge",
    value: ({ proof }) => known(proof?.tcp),
  },
  {
    name: "spacegate_privatelink_answered",
    help: "1 when the far end answered the newest proof in its own protocol, NaN when it did not come to it.",
    type: "gauge",
    value: ({ proof }) => known(proof?.hello),
  },
  {
    name: "spacegate_privatelink_silent_addresses",
    help: "Addresses of the link that took no TCP connection in the newest proof.",
    type: "gauge",
    value: ({ proof }) => proof?.silent.length ?? Number.NaN,
  },
  {
    name: "spacegate_privatelink_connect_seconds",
    help: "How long the newest TCP handshake through the link took.",
    type: "gauge",
    value: ({ proof }) => seconds(proof?.rttMs),
  },
  {
    name: "spacegate_privatelink_certificate_expiry_timestamp_seconds",
    help: "When the far end's certificate expires, NaN without TLS.",
    type: "gauge",
    value: ({ proof }) => seconds(proof?.certificateExpiresAt),
  },
  {
    name: "spacegate_privatelink_proof_timestamp_seconds",
    help: "When the newest proof began.",
    type: "gauge",
    value: ({ proof }) => seconds(proof?.at),
  },
  {
    name: "spacegate_privatelink_state_change_timestamp_seconds",
    help: "When the link's status last changed.",
    type: "gauge",
    value: ({ since }) => since / 1000,
  },
];

export const linkRows = ({ privatelinks = [] }: Status): Row<LinkStatus>[] =>
  privatelinks.map((link) => ({ of: link, labels: { link: link.name } }));
