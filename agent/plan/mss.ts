/* What a TCP segment may hold in a tunnel. Source: AWS, Site-to-Site VPN User Guide, "Best practices for your customer gateway device". */

interface Sizes {
  readonly plain: number;
  /** With ESP in UDP, as a NAT on the way makes it. */
  readonly nat: number;
}

const GCM: Sizes = { plain: 1406, nat: 1398 };
const SHORT_HASH: Sizes = { plain: 1398, nat: 1382 };
const SHA384: Sizes = { plain: 1382, nat: 1382 };
const SHA512: Sizes = { plain: 1382, nat: 1366 };

/** Fits every cipher that these tunnels may use. */
const SMALLEST: Sizes = { plain: 1366, nat: 1366 };

/** By strongSwan's names; a block cipher's size is that of the hash beside it. */
const ALGORITHMS: readonly (readonly [RegExp, Sizes])[] = [
  [/^aes(128|192|256)?gcm(8|12|16|64|96|128)?$/, GCM],
  [/^(sha|sha1|sha256|sha2_256)$/, SHORT_HASH],
  [/^(sha384|sha2_384)$/, SHA384],
  [/^(sha512|sha2_512)$/, SHA512],
];

/** They take no room in a packet, or the same whatever the hash. */
const NEUTRAL = /^(aes|aes(128|192|256)(cbc)?|modp\d+(s\d+)?|ecp\d+(bp)?|(x|curve)(25519|448)|prf\w+|no?esn)$/;

const sizesOf = (algorithm: string): readonly Sizes[] => {
  if (NEUTRAL.test(algorithm)) return [];
  return [ALGORITHMS.find(([name]) => name.test(algorithm))?.[1] ?? SMALLEST];
};

/** Bytes of payload in one TCP segment that fit a tunnel of this ESP proposal; of several ciphers the one that leaves least. */
export const mssOf = (espProposal: string, nat: boolean): number => {
  const sizes = espProposal.split("-").flatMap(sizesOf);
  const found = sizes.length > 0 ? sizes : [SMALLEST];
  return Math.min(...found.map((size) => (nat ? size.nat : size.plain)));
};
