import { createPublicKey, generateKeyPair, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";
import type forge from "node-forge";
import { isIPv4 } from "./ip.ts";
import { Secret } from "./secret.ts";

/** A certificate and the private key that belongs to it, both as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: Secret;
}

/** Milliseconds since the epoch. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

export interface Leaf {
  readonly usage: "server" | "client";
  /** The subject's common name. */
  readonly name: string;
  /** DNS names and IPv4 addresses that the certificate is good for. */
  readonly hosts: readonly string[];
  readonly validity: Validity;
}

type Certificate = forge.pki.Certificate;

/** RSA, because node-forge signs certificates of no other kind that TLS clients take. */
const KEY_BITS = 2048;
const COMMON_NAME_LENGTH = 64;

/** The library takes 7 MB, and a service wants it twice a year. */
const loadForge = async (): Promise<typeof forge> => (await import("node-forge")).default;

const newKey = async (): Promise<Secret> => {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return new Secret(privateKey);
};

const publicPem = (key: Secret): string => createPublicKey(key.reveal()).export({ type: "spki", format: "pem" }).toString();

/** Positive, as RFC 5280 wants it, and of one length. */
const serialNumber = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
};

const subjectOf = (name: string): forge.pki.CertificateField[] => [
  { name: "organizationName", value: "spacegate" },
  { name: "commonName", value: name.slice(0, COMMON_NAME_LENGTH) },
];

const blank = ({ pki }: typeof forge, key: Secret, name: string, { from, until }: Validity): Certificate => {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicPem(key));
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = new Date(from);
  certificate.validity.notAfter = new Date(until);
  certificate.setSubject(subjectOf(name));
  return certificate;
};

/** node-forge lays the certificate out; the signature is Node's, so that a private key never enters JavaScript's arithmetic. */
const signWith = ({ asn1, md, pki }: typeof forge, certificate: Certificate, key: Secret): string => {
  const signer = {
    sign: (): string => {
      const der = asn1.toDer(certificate.tbsCertificate).getBytes();
      return sign("sha256", Buffer.from(der, "binary"), key.reveal()).toString("binary");
    },
  };
  // Of the whole private key `sign` calls nothing else.
  certificate.sign(signer as unknown as forge.pki.rsa.PrivateKey, md.sha256.create());
  // node-forge ends lines as on Windows.
  return pki.certificateToPem(certificate).replaceAll("\r", "");
};

/** A self-signed CA that may issue leaves and no further CA. With `key` it succeeds an older one, whose leaves stay good. */
export const issueAuthority = async (name: string, validity: Validity, key?: Secret): Promise<Identity> => {
  const library = await loadForge();
  const own = key ?? (await newKey());
  const certificate = blank(library, own, name, validity);
  certificate.setIssuer(subjectOf(name));
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: true, pathLenConstraint: 0 },
    { name: "keyUsage", critical: true, keyCertSign: true, cRLSign: true },
    { name: "subjectKeyIdentifier" },
  ]);
  return { certificate: signWith(library, certificate, own), key: own };
};

const altNames = (hosts: readonly string[]) =>
  hosts.map((host) => (isIPv4(host) ? { type: 7, ip: host } : { type: 2, value: host }));

/** A certificate for one end of TLS, with a new key. */
export const issueLeaf = async (authority: Identity, { usage, name, hosts, validity }: Leaf): Promise<Identity> => {
  const library = await loadForge();
  const key = await newKey();
  const issuer = library.pki.certificateFromPem(authority.certificate);
  const certificate = blank(library, key, name, validity);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "keyUsage", critical: true, digitalSignature: true, keyEncipherment: true },
    { name: "extKeyUsage", serverAuth: usage === "server", clientAuth: usage === "client" },
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    ...(hosts.length > 0 ? [{ name: "subjectAltName", altNames: altNames(hosts) }] : []),
  ]);
  return { certificate: signWith(library, certificate, authority.key), key };
};
