import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIPv4 } from "./ip.ts";
import type { Identity } from "./pki.ts";
import { Secret } from "./secret.ts";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

const blocksOf = (pem: string, kind: (label: string) => boolean): string[] =>
  [...pem.matchAll(BLOCK)].filter(([, label = ""]) => kind(label)).map(([block]) => `${block}\n`);

/** Every certificate of a PEM text, in its order. Throws OpenSSL's error for one that is none. */
export const certificatesIn = (pem: string): X509Certificate[] =>
  blocksOf(pem, (label) => label === "CERTIFICATE").map((block) => new X509Certificate(block));

/** What `identityText` wrote; undefined for anything else, and for a key that is not the certificate's. */
export const parseIdentity = (pem: string): Identity | undefined => {
  const [certificate] = blocksOf(pem, (label) => label === "CERTIFICATE");
  const [key] = blocksOf(pem, (label) => label.endsWith("PRIVATE KEY"));
  if (certificate === undefined || key === undefined) return undefined;
  try {
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return undefined;
  } catch {
    return undefined;
  }
  return { certificate, key: new Secret(key) };
};

/** Key and certificate as one text: in one file they cannot be torn apart. */
export const identityText = ({ certificate, key }: Identity): string => `${key.reveal().trim()}\n${certificate.trim()}\n`;

/** Milliseconds since the epoch after which nobody takes the certificate. */
export const expiryOf = (certificate: X509Certificate): number => certificate.validToDate.getTime();

/** Whether a client that asks for the DNS name or IPv4 address would take it. */
export const isGoodFor = (certificate: X509Certificate, host: string): boolean =>
  (isIPv4(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: "never" })) !== undefined;

/** Whether the CA's certificate has issued it: name, key identifier and signature. */
export const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
