/** charon's names of what a keyword of a proposal stands for, by kind. Source: strongSwan, proposal_keywords_static.txt. */
export interface Wanted {
  readonly kind: "encryption" | "aead" | "integrity" | "prf" | "dh";
  readonly name: string;
}

const HASHES: Readonly<Record<string, readonly [integrity: string, prf: string]>> = {
  md5: ["HMAC_MD5_96", "PRF_HMAC_MD5"],
  sha1: ["HMAC_SHA1_96", "PRF_HMAC_SHA1"],
  sha256: ["HMAC_SHA2_256_128", "PRF_HMAC_SHA2_256"],
  sha384: ["HMAC_SHA2_384_192", "PRF_HMAC_SHA2_384"],
  sha512: ["HMAC_SHA2_512_256", "PRF_HMAC_SHA2_512"],
};

const GROUPS: Readonly<Record<string, string>> = {
  ecp256: "ECP_256",
  ecp384: "ECP_384",
  ecp521: "ECP_521",
  curve25519: "CURVE_25519",
  x25519: "CURVE_25519",
};

const groupOf = (keyword: string): string | undefined => {
  const bits = /^modp(\d+)$/.exec(keyword)?.[1];
  return bits === undefined ? GROUPS[keyword] : `MODP_${bits}`;
};

const ofKeyword = (keyword: string, phase: "ike" | "esp"): readonly Wanted[] => {
  const hash = HASHES[keyword];
  if (hash) {
    const integrity: Wanted = { kind: "integrity", name: hash[0] };
    return phase === "ike" ? [integrity, { kind: "prf", name: hash[1] }] : [integrity];
  }
  const dh = groupOf(keyword);
  if (dh) return [{ kind: "dh", name: dh }];
  if (/^aes(128|192|256)?$/.test(keyword)) return [{ kind: "encryption", name: "AES_CBC" }];
  const tag = /^aes(?:128|192|256)?gcm(8|12|16|64|96|128)$/.exec(keyword)?.[1];
  if (tag === undefined) return [];
  return [{ kind: "aead", name: `AES_GCM_${Number(tag) > 16 ? Number(tag) / 8 : tag}` }];
};

/** What charon must implement for a proposal; keywords that are not known here ask for nothing. */
export const wantedBy = (proposal: string, phase: "ike" | "esp"): readonly Wanted[] =>
  proposal.split("-").flatMap((keyword) => ofKeyword(keyword, phase));
