import * as z from "zod";
import { isSound } from "./settings-parts.ts";

/** Below --root: what cloud-init has written from the user data. */
export const FIRST_BOOT_PATH = "/etc/spacegate/first-boot.yaml";

const path = z.string().regex(/^\/\P{Cc}*$/u, "must be an absolute path without control characters");

/** A name or an ARN: it becomes part of messages and policies, so nothing else is let in. */
const parameter = z
  .string()
  .regex(/^[A-Za-z0-9_.:/-]{1,1011}$/, "must be the name or the ARN of a parameter: letters, digits and _ . - / :")
  .meta({ description: "A parameter of Systems Manager, by name or ARN.", examples: ["/spacegate/office/settings"] });

const secret = z
  .string()
  .regex(/^[A-Za-z0-9_.:/+=@!-]{1,2048}$/, "must be the name or the ARN of a secret: letters, digits and / _ + = . @ - !")
  .meta({ description: "A secret of Secrets Manager, by name or ARN.", examples: ["spacegate/office/heroku-api-key"] });

const onlyOne =
  (...names: readonly string[]) =>
  (value: object): boolean =>
    names.filter((name) => name in value).length === 1;

const settings = z
  .strictObject({
    file: path.optional().meta({ description: "A file of this host.", examples: ["/run/gateway/config.yaml"] }),
    ssm_parameter: parameter.optional(),
    inline: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description: "The settings themselves, as they stand in config.yaml.",
        examples: [{ connections: [{ space: "acme-space", name: "office", local: { subnets: ["172.16.0.0/16"] } }] }],
      }),
  })
  .refine(onlyOne("file", "ssm_parameter", "inline"), {
    message: "must have exactly one of file, ssm_parameter and inline",
    when: isSound(),
  })
  .meta({ description: "Where the settings come from.", examples: [{ ssm_parameter: "/spacegate/office/settings" }] });

const token = z
  .strictObject({
    ssm_parameter: parameter.optional().meta({ examples: ["/spacegate/office/heroku-api-key"] }),
    secret: secret.optional(),
    key: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Which key of the secret, where that is a JSON object.", examples: ["heroku_api_key"] }),
    file: path.optional().meta({ description: "A file of this host.", examples: ["/run/gateway/heroku-api-key"] }),
  })
  .refine(onlyOne("ssm_parameter", "secret", "file"), {
    message: "must have exactly one of ssm_parameter, secret and file",
    when: isSound(),
  })
  .refine((value) => value.key === undefined || value.secret !== undefined, {
    message: "key belongs to a secret",
    path: ["key"],
    when: isSound("key", "secret"),
  })
  .meta({
    description:
      "Where the Heroku API token comes from; never in the user data itself, which everybody on the instance may read.",
    examples: [{ ssm_parameter: "/spacegate/office/heroku-api-key" }],
  });

/** The file that turns a fresh image into a gateway. */
export const firstBootSchema = z.strictObject({
  settings,
  token: token.optional(),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "must be a region of AWS")
    .optional()
    .meta({ description: "Of parameters and secrets; without it the instance's own.", examples: ["eu-west-1"] }),
  source_dest_check: z
    .enum(["verify", "disable", "ignore"])
    .default("verify")
    .meta({ description: "EC2's source/destination check: look whether it is off, switch it off, or leave it alone." }),
});

export type FirstBoot = z.output<typeof firstBootSchema>;

/** What `spacegate first-boot` found and did. */
export interface FirstBootReport {
  /** The first-boot file; null: there is none, so there was nothing to do. */
  readonly file: string | null;
  readonly settings: { readonly path: string; readonly state: "written" | "kept" };
  /** unchanged: fetched, and the same as before. */
  readonly token: { readonly path: string; readonly state: "written" | "unchanged" | "kept" | "not-wanted" };
  readonly source_dest_check: {
    /** known: it was off when this instance was looked at before. */
    readonly state: "off" | "switched-off" | "known" | "ignored" | "not-ec2";
    readonly interfaces: readonly string[];
  };
  /** What somebody should know, as sentences. */
  readonly notes: readonly string[];
}
