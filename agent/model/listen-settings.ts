import * as z from "zod";
import { address, isSound } from "./settings-parts.ts";

const absolutePath = z.string().regex(/^\/\P{Cc}*$/u, "must be an absolute path without control characters");

const tls = z
  .strictObject({
    certificate: absolutePath.optional().meta({
      description:
        "The owner's certificate (PEM, the server's own first, then its chain) instead of one of the agent's CA; watched.",
      examples: ["/etc/ssl/spacegate/fullchain.pem"],
    }),
    key: absolutePath.optional().meta({
      description: "Its private key (PEM, without a passphrase, not readable by everyone); watched.",
      examples: ["/etc/ssl/spacegate/key.pem"],
    }),
    names: z
      .array(
        z
          .union(
            [
              address,
              z
                .string()
                .max(253)
                .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i),
            ],
            "must be a DNS name without wildcards, or an IPv4 address",
          )
          .meta({ examples: ["gateway.example.com"] }),
      )
      .max(20)
      .default([])
      .meta({
        description:
          "Further names by which clients reach this gateway; its own name and listen.address are in the certificate anyway.",
        examples: [["gateway.example.com"]],
      }),
    client_certificates: z
      .enum(["none", "required"])
      .default("none")
      .meta({ description: "required: clients must show a certificate of `client_ca`." }),
    client_ca: absolutePath.optional().meta({
      description:
        "Whose client certificates are taken (PEM); without it the agent's own CA's, which `spacegate tls client` issues.",
      examples: ["/etc/ssl/spacegate/clients-ca.pem"],
    }),
  })
  .refine((value) => (value.certificate === undefined) === (value.key === undefined), {
    message: "certificate and key go together: give both or neither",
    path: ["key"],
    when: isSound("certificate", "key"),
  })
  .refine((value) => value.client_ca === undefined || value.client_certificates === "required", {
    message: "client_ca needs client_certificates: required",
    path: ["client_ca"],
    when: isSound("client_certificates", "client_ca"),
  });

/** The HTTP server's part of the settings. */
export const listen = z
  .strictObject({
    address: address
      .default("127.0.0.1")
      .meta({ description: "Where /healthz and /metrics are served.", examples: ["127.0.0.1"] }),
    port: z.int().min(1).max(65535).default(9747).meta({ description: "The TCP port." }),
    plain_http: z
      .boolean()
      .default(false)
      .meta({ description: "Beyond loopback nothing is served without TLS unless this says so." }),
    tls: tls.optional().meta({
      description: "HTTPS instead of HTTP; {} is enough for a certificate of the agent's own CA, made and renewed by itself.",
      examples: [{ names: ["gateway.example.com"] }],
    }),
    token_file: absolutePath.optional().meta({
      description:
        "A file (0600) with a bearer token of 20 characters or more, without which nothing but /livez is served over the network.",
      examples: ["/etc/spacegate/http-token"],
    }),
  })
  .prefault({})
  .meta({ description: "The HTTP server." });
