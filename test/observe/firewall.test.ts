import { expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { observeFirewall, parseListing } from "../../agent/observe/firewall.ts";

/** Captured: `nft list table inet spacegate`, shortened. */
const LISTING = `table inet spacegate {
	comment "spacegate's own: changes are put back"
	counter ike_in {
		packets 12 bytes 3456
	}

	counter owners_own {
		packets 1 bytes 40
	}

	chain input {
		type filter hook input priority filter; policy accept;
		udp dport { 500, 4500 } ip saddr @peers counter name "ike_in" accept
		tcp dport 1 counter packets 5 bytes 200 drop
	}
}
`;

const BEFORE = { ike_in: { packets: 3, bytes: 30 } };

it("tells what the table has counted, by the names that the agent knows", () => {
  expect(parseListing(LISTING).counts).toEqual({ ike_in: { packets: 12, bytes: 3456 } });
});

it("sees the same table whatever it has counted, and another one when a rule is another", () => {
  const { listing } = parseListing(LISTING);
  expect(
    parseListing(LISTING.replace("packets 12 bytes 3456", "packets 99 bytes 1").replace("packets 5", "packets 6")).listing,
  ).toBe(listing);
  expect(parseListing(LISTING.replace("accept\n", "drop\n")).listing).not.toBe(listing);
});

it("keeps the newest counts of a table that is gone", async () => {
  const nft = { list: async () => undefined, load: async () => {} };
  expect(await observeFirewall(nft, BEFORE)).toEqual({ kind: "absent", counts: BEFORE });
});

it("says why it cannot be known, and what to do", async () => {
  const error = new SpacegateError("COMMAND_MISSING", "nft could not be started (ENOENT).", { fix: "Install it" });
  const nft = { list: () => Promise.reject(error), load: async () => {} };
  expect(await observeFirewall(nft, BEFORE)).toEqual({ kind: "unknown", text: error.message, fix: "Install it" });
});
