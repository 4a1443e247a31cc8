import { plain } from "./screen.ts";

/** A published database, fit to be shown. */
export interface ShownPublication {
  readonly stack: string;
  readonly status: string;
  readonly changed: boolean;
  readonly region: string;
  readonly port: number;
  readonly partner_account: string;
  readonly service_name: string;
  readonly availability_zones: readonly string[];
  readonly availability_zone_ids: readonly string[];
  readonly function_name: string;
}

/** What is there now, and what the partner needs to be told. */
export const publicationText = (shown: ShownPublication): string =>
  [
    shown.changed
      ? `The stack ${plain(shown.stack)} is ${plain(shown.status)}.`
      : `Nothing to change: the stack ${plain(shown.stack)} is as wanted (${plain(shown.status)}).`,
    "",
    `Tell the partner, AWS account ${plain(shown.partner_account)}:`,
    `  service name  ${plain(shown.service_name)}`,
    `  region        ${plain(shown.region)}`,
    `  zone ids      ${shown.availability_zone_ids.map(plain).join(", ")}  (here: ${shown.availability_zones.map(plain).join(", ")})`,
    `  port          ${shown.port}`,
    "  The partner makes an interface endpoint to it in one of these zones; it needs no acceptance.",
    "",
    `The function ${plain(shown.function_name)} brings the database's addresses in within a minute. Its log: /aws/lambda/${plain(shown.function_name)}`,
  ].join("\n");
