import * as z from "zod";
import { isPrivateBlock, parseCidr } from "../lib/ip.ts";
import { firewall, sysctls } from "./host-settings.ts";
import { listen } from "./listen-settings.ts";
import { privatelinks } from "./privatelink-settings.ts";
import { address, durationSchema, isSound, wholeSeconds } from "./settings-parts.ts";

/** A Heroku name: it becomes part of conn names, file texts and URLs, so nothing else is let in. */
const herokuName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "must be lower-case letters, digits and inner hyphens, 64 at most")
  .meta({ examples: ["acme-space"] });

const privateSubnet = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, "must be an IPv4 block whose host bits are zero")
  .refine((text) => {
    const block = parseCidr(text);
    return block === undefined || isPrivateBlock(block);
  }, "must lie within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918): Heroku routes nothing else")
  .meta({ pattern: "^\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+$", examples: ["172.16.0.0/16"] });

const proposal = z
  .string()
  .regex(/^[a-z0-9_]+(-[a-z0-9_]+){1,5}$/, "must be algorithms joined by hyphens, without spaces, commas or '!'")
  .meta({ examples: ["aes256-sha256-modp2048"] });

const probe = z
  .strictObject({
    target: address.meta({
      description: "An address in the space that answers. Without it only counters and events tell a dead tunnel.",
      examples: ["10.0.0.10"],
    }),
    protocol: z.enum(["icmp", "tcp"]).default("icmp").meta({ description: "icmp: ping. tcp: connect to `port`." }),
    port: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .meta({ description: "The TCP port to connect to; only with protocol tcp.", examples: [443] }),
    interval: durationSchema(50, 60_000, "between 50ms and 60s")
      .default("200ms")
      .meta({ description: "Time between two probes of one tunnel.", examples: ["200ms"] }),
    misses: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .meta({ description: "So many unanswered probes in a row mean that the tunnel passes nothing." }),
  })
  .refine((value) => (value.protocol === "tcp") === (value.port !== undefined), {
    message: "protocol tcp needs a port, and icmp takes none",
    path: ["port"],
    when: isSound("protocol", "port"),
  });

const connection = z.strictObject({
  space: herokuName.meta({ description: "The Private Space's name.", examples: ["acme-space"] }),
  name: herokuName.meta({ description: "The VPN connection's name.", examples: ["office"] }),
  local: z
    .strictObject({
      address: z
        .union([z.literal("auto"), address], "must be auto or an IPv4 address")
        .default("auto")
        .meta({
          description:
            "This gateway's own (private) address towards the internet; auto takes the one that the route to the VPN gateways uses.",
          examples: ["auto", "203.0.113.10"],
        }),
      public_address: address.optional().meta({
        description: "The public address in front of this gateway, where it is known: it is held against what Heroku has.",
        examples: ["52.91.173.226"],
      }),
      subnets: z
        .array(privateSubnet)
        .min(1)
        .max(16)
        .meta({ description: "The networks behind this gateway that the space may reach.", examples: [["172.16.0.0/16"]] }),
    })
    .meta({ description: "This side of the tunnels." }),
  routing: z.enum(["auto", "vti", "policy"]).default("auto").meta({
    description: "vti: both tunnels up, routes decide. policy: one tunnel up at a time. auto: vti where the kernel has it.",
  }),
  probe: probe.optional().meta({ description: "How a tunnel proves that it passes packets." }),
  steering: z
    .strictObject({
      prefer: z
        .union([z.literal(1), z.literal(2), z.literal("none")])
        .default(1)
        .meta({ description: "The tunnel that carries while both are well; none: traffic stays where it is." }),
      hold_down: durationSchema(0, 3_600_000, "between 0s and 1h").default("60s").meta({
        description:
          "How long the probes of a tunnel that failed must be clean (one lost in fifty at most) before traffic comes back to it; it doubles with each failure.",
      }),
    })
    .prefault({})
    .meta({ description: "Which tunnel carries." }),
  proposals: z
    .strictObject({
      ike: proposal.default("aes256-sha256-modp2048").meta({ description: "Phase 1 proposal." }),
      esp: proposal.default("aes256-sha256-modp2048").meta({ description: "Phase 2 proposal." }),
    })
    .prefault({})
    .meta({ description: "Cryptographic proposals, as strongSwan writes them." }),
  lifetimes: z
    .strictObject({
      ike: wholeSeconds(60, 86_400, "between 60s and 24h").default("8h").meta({ description: "IKE_SA lifetime." }),
      child: wholeSeconds(30, 86_400, "between 30s and 24h").default("1h").meta({ description: "CHILD_SA lifetime." }),
    })
    .prefault({})
    .meta({ description: "When keys are renewed." }),
  dpd: z
    .strictObject({
      delay: wholeSeconds(1, 3600, "between 1s and 1h")
        .default("10s")
        .meta({ description: "Dead peer detection: time between two checks of an idle peer." }),
      timeout: wholeSeconds(1, 3600, "between 1s and 1h")
        .default("30s")
        .meta({ description: "Dead peer detection: silence after which the IKE_SA is given up." }),
    })
    .prefault({})
    .meta({ description: "charon's own dead peer detection, behind the agent's quicker one." }),
});

/** The settings file, as published by `spacegate schema`. Unknown keys are refused everywhere. */
export const settingsSchema = z
  .strictObject({
    heroku: z
      .strictObject({
        source: z.enum(["platform-api", "heroku-cli", "file"]).default("platform-api").meta({
          description:
            "Where connection details come from: the Platform API, the `heroku` client, or a file with its saved JSON.",
        }),
        file: z
          .string()
          .regex(/^\/\P{Cc}*$/u, "must be an absolute path without control characters")
          .optional()
          .meta({
            description: "With source file: the saved JSON of one connection, or of several in an array.",
            examples: ["/etc/spacegate/connections.json"],
          }),
        poll_interval: durationSchema(5000, 86_400_000, "between 5s and 1d")
          .default("60s")
          .meta({ description: "Time between two questions to Heroku." }),
        timeout: durationSchema(500, 120_000, "between 500ms and 2m")
          .default("10s")
          .meta({ description: "How long one question to Heroku may take." }),
      })
      .refine((value) => (value.source === "file") === (value.file !== undefined), {
        message: "source file needs `file: PATH`, and the other sources take none",
        path: ["file"],
        when: isSound("source", "file"),
      })
      .prefault({})
      .meta({ description: "Heroku's side." }),
    connections: z
      .array(connection)
      .min(1)
      .max(1000)
      .meta({ description: "The Private Space VPN connections that end on this gateway." }),
    privatelinks,
    install: z
      .strictObject({
        mode: z.enum(["own", "include"]).default("own").meta({
          description:
            "own: /etc/ipsec.conf and /etc/ipsec.secrets are the agent's. include: it writes files of its own and one include line in each.",
        }),
      })
      .prefault({})
      .meta({ description: "How strongSwan's files are written." }),
    firewall,
    sysctls,
    reconcile_interval: durationSchema(1000, 3_600_000, "between 1s and 1h")
      .default("10s")
      .meta({ description: "Time between two looks at the whole host when no event asks for one sooner." }),
    listen,
    metrics: z
      .strictObject({
        torilabs_names: z.boolean().default(false).meta({
          description:
            "Also tell of charon's SAs under the names that torilabs/ipsec-prometheus-exporter uses, for dashboards that know them.",
        }),
      })
      .prefault({})
      .meta({ description: "What /metrics has beyond the agent's own." }),
    log: z
      .strictObject({
        level: z
          .enum(["debug", "info", "warn", "error"])
          .default("info")
          .meta({ description: "The least severe message that is logged." }),
      })
      .prefault({})
      .meta({ description: "Logging." }),
  })
  .meta({ title: "spacegate settings", description: "/etc/spacegate/config.yaml" });

/** Validated settings; durations are still text ("200ms"), `parseDuration` reads them. */
export type Settings = z.output<typeof settingsSchema>;
export type ConnectionSettings = Settings["connections"][number];
