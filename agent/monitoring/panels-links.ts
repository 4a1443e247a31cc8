import { HOST, type Row } from "./panel.ts";

const linkAge = (metric: string): string => `time() - ${metric}{${HOST}}`;

export const PRIVATELINK: Row = {
  title: "PrivateLink",
  height: 7,
  panels: [
    {
      title: "Links",
      description: "Whether each declared PrivateLink carries, by its newest proof.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "down", one: "carries", bad: 0 },
      queries: [{ expr: `spacegate_privatelink_up{${HOST}}`, legend: "{{link}}" }],
    },
    {
      title: "Where names lead",
      description: "Through the endpoint, or over the internet or nowhere; a gap where nobody has asked yet.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "elsewhere", one: "endpoint", bad: 0 },
      queries: [{ expr: `spacegate_privatelink_dns_inside{${HOST}}`, legend: "{{link}}" }],
    },
    {
      title: "Connect time",
      description: "Of the newest TCP handshake through each link.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [{ expr: `spacegate_privatelink_connect_seconds{${HOST}}`, legend: "{{link}}" }],
    },
    {
      title: "Certificates",
      description: "How long the certificates behind the links are good.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [
        {
          expr: `spacegate_privatelink_certificate_expiry_timestamp_seconds{${HOST}} - time()`,
          legend: "{{link}}",
        },
      ],
    },
    {
      title: "Newest proof",
      description: "How long ago each link was last looked at.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [{ expr: linkAge("spacegate_privatelink_proof_timestamp_seconds"), legend: "{{link}}" }],
    },
  ],
};
