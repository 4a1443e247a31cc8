/** One certificate as people ask after it. Times are ISO 8601. */
export interface ShownCertificate {
  readonly file: string;
  readonly subject: string;
  /** As in its subjectAltName. */
  readonly names: readonly string[];
  readonly expires: string;
  readonly days_left: number;
  readonly sha256: string;
}

export interface TlsReport {
  readonly tls: boolean;
  /** null: there is none yet; it is made when the agent first serves with it. */
  readonly authority: ShownCertificate | null;
  /** What the server shows; null: none. */
  readonly certificate: ShownCertificate | null;
  readonly client_certificates: "none" | "required";
  /** Whose client certificates are taken. */
  readonly client_ca: string | null;
  readonly token_file: string | null;
  /** What stands in the way, with its fix. */
  readonly problem: { readonly text: string; readonly fix: string } | null;
}

export interface IssuedReport {
  readonly files: { readonly certificate: string; readonly key: string; readonly authority: string | null };
  readonly expires: string;
  /** What the server does about clients' certificates now. */
  readonly client_certificates: "none" | "required";
}

const dayOf = (iso: string): string => iso.slice(0, 10);

const certificateLines = (title: string, shown: ShownCertificate): string[] => [
  `${title}: ${shown.file}`,
  `  ${shown.subject}`,
  ...(shown.names.length > 0 ? [`  good for ${shown.names.join(", ")}`] : []),
  shown.days_left < 0
    ? `  expired on ${dayOf(shown.expires)}`
    : `  good until ${dayOf(shown.expires)}, ${shown.days_left} ${shown.days_left === 1 ? "day" : "days"} more`,
  `  SHA-256 ${shown.sha256}`,
];

/** `spacegate tls show`. */
export const tlsText = (report: TlsReport): string =>
  [
    ...(report.tls ? [] : ["The server speaks plain HTTP: listen.tls is not in the settings."]),
    ...(report.certificate ? certificateLines("Certificate", report.certificate) : []),
    ...(report.authority ? certificateLines("The agent's own CA", report.authority) : []),
    ...(report.tls && !report.certificate && !report.problem
      ? ["There is no certificate yet: the agent makes it when it starts."]
      : []),
    report.client_certificates === "required"
      ? `Clients must show a certificate of ${report.client_ca}.`
      : "Clients show no certificate.",
    report.token_file === null ? "No bearer token is asked for." : `Clients must know the bearer token in ${report.token_file}.`,
    ...(report.problem ? [`! ${report.problem.text}`, `    ${report.problem.fix}`] : []),
  ].join("\n");

/** `spacegate tls client`. */
export const issuedText = ({ files, expires, client_certificates }: IssuedReport): string =>
  [
    `Good until ${dayOf(expires)}. Bring these files to the client, the key by a safe way, and remove them here:`,
    ...[files.certificate, files.key, files.authority].filter((file) => file !== null).map((file) => `  ${file}`),
    "",
    "For Prometheus, in its scrape configuration, with the paths as they are there:",
    "  scheme: https",
    "  tls_config:",
    ...(files.authority === null ? [] : [`    ca_file: ${files.authority}`]),
    `    cert_file: ${files.certificate}`,
    `    key_file: ${files.key}`,
    ...(client_certificates === "required"
      ? []
      : ["", "The server asks no client for a certificate yet: set listen.tls.client_certificates: required."]),
  ].join("\n");
