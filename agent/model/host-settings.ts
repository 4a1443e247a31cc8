import * as z from "zod";

/* What the agent does to the host itself, besides the tunnels; either part can be left to the owner. */

export const firewall = z
  .strictObject({
    manage: z.boolean().default(true).meta({
      description:
        "The agent keeps an nftables table of its own, inet spacegate, and touches no other. It lets IKE and ESP in from the VPN gateways only, and closes nothing else of this host. false: the table is taken away, and the firewall is yours.",
    }),
    forward: z.enum(["connections", "any"]).default("connections").meta({
      description:
        "connections: this host forwards packets between each connection's local subnets and its space, and nothing else: containers, virtual machines and other networks behind it lose their way through it. any: also whatever else it forwarded before; what is between a local subnet and its space still takes a tunnel or none.",
    }),
  })
  .prefault({})
  .meta({ description: "The gateway's own firewall." });

export const sysctls = z
  .strictObject({
    manage: z.boolean().default(true).meta({
      description:
        "The agent sets net.ipv4.ip_forward, takes no ICMP redirects and sends none, and gives connection tracking room. false: these are yours, and only the settings of its own VTI links are the agent's.",
    }),
  })
  .prefault({})
  .meta({ description: "The kernel's network settings." });
