import { randomBytes } from "node:crypto";

/*
 * First messages of an IKE exchange, as any VPN gateway takes them. Sources: RFC 7296 (IKEv2), RFC 2408 and 2409 (IKEv1),
 * RFC 3948 (the marker on UDP 4500).
 */

const HEADER_LENGTH = 28;

interface Header {
  readonly nextPayload: number;
  /** Major version in the upper four bits. */
  readonly version: number;
  readonly exchange: number;
  readonly flags: number;
}

const message = ({ nextPayload, version, exchange, flags }: Header, body: Uint8Array): Buffer => {
  const header = Buffer.alloc(HEADER_LENGTH);
  randomBytes(8).copy(header);
  header.set([nextPayload, version, exchange, flags], 16);
  header.writeUInt32BE(HEADER_LENGTH + body.length, 24);
  return Buffer.concat([header, body]);
};

/** The payload's generic header counts itself. */
const payload = (next: number, body: Uint8Array): Buffer => {
  const header = Buffer.from([next, 0, 0, 0]);
  header.writeUInt16BE(4 + body.length, 2);
  return Buffer.concat([header, body]);
};

const IKEV2_INITIATOR = 0x08;
const IKEV2_SA_INIT = 34;
const IKEV1_MAIN_MODE = 2;

/** A version that does not exist: RFC 7296, 2.5 has it answered with INVALID_MAJOR_VERSION, and nothing is kept of it. */
const unknownVersion = (): Buffer =>
  message({ nextPayload: 0, version: 0x30, exchange: IKEV2_SA_INIT, flags: IKEV2_INITIATOR }, Buffer.alloc(0));

/** aes256-sha256-modp2048 with a PSK, as Heroku documents it. */
const IKEV1_TRANSFORM = Buffer.from([
  // Transform 1, KEY_IKE.
  ...[1, 1, 0, 0],
  // AES-CBC with 256 bits, SHA2-256, group 14, pre-shared key, life in seconds: 28800.
  ...[0x80, 1, 0, 7, 0x80, 14, 1, 0, 0x80, 2, 0, 4, 0x80, 4, 0, 14, 0x80, 3, 0, 1, 0x80, 11, 0, 1, 0x80, 12, 0x70, 0x80],
]);

/** Message 1 of main mode. */
const mainMode = (): Buffer => {
  // Proposal 1, ISAKMP, no SPI, one transform; IPsec DOI, SIT_IDENTITY_ONLY.
  const proposal = payload(0, Buffer.concat([Buffer.from([1, 1, 0, 1]), payload(0, IKEV1_TRANSFORM)]));
  const sa = payload(0, Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]), proposal]));
  return message({ nextPayload: 1, version: 0x10, exchange: IKEV1_MAIN_MODE, flags: 0 }, sa);
};

const SA = 33;
const KEY_EXCHANGE = 34;
const NONCE = 40;
const GROUP_14 = 14;
const GROUP_14_BYTES = 256;

/** Transform substructures of AES-CBC-256, PRF_HMAC_SHA2_256, AUTH_HMAC_SHA2_256_128 and group 14: the last one says 0. */
const IKEV2_TRANSFORMS = Buffer.concat([
  payload(3, Buffer.from([1, 0, 0, 12, 0x80, 14, 1, 0])),
  payload(3, Buffer.from([2, 0, 0, 5])),
  payload(3, Buffer.from([3, 0, 0, 12])),
  payload(0, Buffer.from([4, 0, 0, GROUP_14])),
]);

/** Any number below the group's prime, which begins with 64 one bits, is a public value. */
const publicValue = (): Buffer => {
  const value = randomBytes(GROUP_14_BYTES);
  value[0] = 0x7f;
  return value;
};

const saInit = (): Buffer => {
  const sa = payload(KEY_EXCHANGE, payload(0, Buffer.concat([Buffer.from([1, 1, 0, 4]), IKEV2_TRANSFORMS])));
  const exchange = payload(NONCE, Buffer.concat([Buffer.from([0, GROUP_14, 0, 0]), publicValue()]));
  const body = Buffer.concat([sa, exchange, payload(0, randomBytes(32))]);
  return message({ nextPayload: SA, version: 0x20, exchange: IKEV2_SA_INIT, flags: IKEV2_INITIATOR }, body);
};

const NON_ESP_MARKER = Buffer.alloc(4);

/** A question that any IKE daemon may answer without keeping anything, and one that a gateway which knows this host answers. */
export const ikeQuestions = (port: 500 | 4500, ikeVersion: 1 | 2): { readonly stateless: Buffer; readonly genuine: Buffer } => {
  const marker = port === 4500 ? [NON_ESP_MARKER] : [];
  return {
    stateless: Buffer.concat([...marker, unknownVersion()]),
    genuine: Buffer.concat([...marker, ikeVersion === 1 ? mainMode() : saInit()]),
  };
};

/** Whether a datagram answers a question: it repeats the initiator's SPI. */
export const answersIke = (question: Buffer, datagram: Buffer, port: 500 | 4500): boolean => {
  const start = port === 4500 ? NON_ESP_MARKER.length : 0;
  return (
    datagram.length >= start + HEADER_LENGTH && datagram.subarray(start, start + 8).equals(question.subarray(start, start + 8))
  );
};
