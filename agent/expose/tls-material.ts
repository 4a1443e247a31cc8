import { createPrivateKey, type X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { readBounded } from "../lib/bounded-file.ts";
import { certificatesIn, expiryOf } from "../lib/certificate.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Identity } from "../lib/pki.ts";
import { Secret } from "../lib/secret.ts";

/** Everything that a TLS server shows and trusts. */
export interface TlsMaterial extends Identity {
  /** PEM of the CAs whose clients are let in; undefined: clients show no certificate. */
  readonly clientCa: string | undefined;
}

const refuse = (file: string, message: string, cause?: unknown): SpacegateError =>
  new SpacegateError("TLS_UNUSABLE", `${file} ${message}`, {
    fix: "Put a right file in its place; it is read again at once.",
    cause,
  });

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const parse = (file: string, pem: string): X509Certificate => {
  const refused = (thrown?: unknown) => refuse(file, "holds no certificate in PEM form.", thrown);
  try {
    const [first] = certificatesIn(pem);
    if (first) return first;
  } catch (thrown) {
    throw refused(thrown);
  }
  throw refused();
};

const readCertificate = async (file: string, now: number): Promise<string> => {
  const { text } = await readBounded(file);
  const certificate = parse(file, text);
  const until = expiryOf(certificate);
  if (until <= now) throw refuse(file, `expired on ${day(until)}.`);
  const from = certificate.validFromDate.getTime();
  if (from > now) throw refuse(file, `is not good before ${day(from)}.`);
  return text;
};

const readKey = async (file: string): Promise<Secret> => {
  const { text, mode } = await readBounded(file);
  if ((mode & 0o007) !== 0)
    throw new SpacegateError("TLS_UNUSABLE", `${file} holds a private key and is open to every user of this host.`, {
      fix: `Make a new key, because this one may be known, and see that only its owner reads it: chmod 600 ${file}`,
    });
  try {
    createPrivateKey(text);
  } catch {
    // OpenSSL's words would help nobody, and the key's own text must not get into any.
    throw refuse(file, "holds no private key in PEM form without a passphrase.");
  }
  return new Secret(text);
};

/** The owner's certificate and key. Rejects with TLS_UNUSABLE when they cannot be used together now. */
export const readOwners = async (files: { certificate: string; key: string }, now: number): Promise<Identity> => {
  const certificate = await readCertificate(files.certificate, now);
  const key = await readKey(files.key);
  try {
    createSecureContext({ cert: certificate, key: key.reveal() });
  } catch (thrown) {
    throw refuse(files.key, `does not fit ${files.certificate}: ${messageOf(thrown)}.`);
  }
  return { certificate, key };
};

/** CA certificates for clients. Rejects with TLS_UNUSABLE. */
export const readClientCa = (file: string, now: number): Promise<string> => readCertificate(file, now);

/** What Node's TLS is given. */
export const contextOf = ({ certificate, key, clientCa }: TlsMaterial): SecureContextOptions => ({
  cert: certificate,
  key: key.reveal(),
  ...(clientCa === undefined ? {} : { ca: clientCa }),
});

/** Milliseconds since the epoch. */
export const expiryOfPem = (pem: string): number | null => {
  const [first] = certificatesIn(pem);
  return first ? expiryOf(first) : null;
};
