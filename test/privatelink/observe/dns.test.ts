import { describe, expect, it } from "vitest";
import { dnsTrouble, dnsVerdict } from "../../../agent/privatelink/observe/dns.ts";

const VPC = ["10.20.0.0/16"];
const INSIDE = { addresses: ["10.20.1.5", "10.20.2.5"], failure: "" };
const PUBLIC = { addresses: ["52.119.1.1"], failure: "" };
const NONE = { addresses: [], failure: "ENOTFOUND" };
const NAME = "kinesis.ap-northeast-1.amazonaws.com";

describe("the verdict on a name", () => {
  it("is the endpoint only when every address lies in the VPC", () => {
    expect(dnsVerdict(INSIDE.addresses, VPC)).toBe("endpoint");
    expect(dnsVerdict([...INSIDE.addresses, ...PUBLIC.addresses], VPC)).toBe("internet");
    expect(dnsVerdict(PUBLIC.addresses, VPC)).toBe("internet");
    expect(dnsVerdict(["10.99.0.1"], VPC)).toBe("nowhere");
    expect(dnsVerdict([], VPC)).toBe("nowhere");
  });

  it("takes a prefix list's public addresses for a gateway endpoint's", () => {
    expect(dnsVerdict(PUBLIC.addresses, ["52.119.0.0/16"])).toBe("endpoint");
  });
});

/** The table of which name leads where: columns are private DNS on and off, rows the public and the private subnet. */
describe("the words for where a name leads", () => {
  it.each(["endpoint", "service"] as const)("has nothing to say of the %s's name when it leads through the endpoint", (owner) => {
    for (const privateDns of [true, false]) expect(dnsTrouble(NAME, INSIDE, VPC, owner, privateDns)).toBeNull();
  });

  it("explains the service's own name without private DNS: over the internet, or nowhere", () => {
    expect(dnsTrouble(NAME, PUBLIC, VPC, "service", false)?.text).toBe(
      `${NAME} leads to 52.119.1.1, over the internet and not through the endpoint: private DNS is off.`,
    );
    expect(dnsTrouble(NAME, NONE, VPC, "service", false)?.text).toBe(`${NAME} has no address.`);
    for (const answer of [PUBLIC, NONE])
      expect(dnsTrouble(NAME, answer, VPC, "service", false)?.fix).toMatch(
        /^Set private_dns: true.*or use the endpoint's own name/,
      );
  });

  it("looks for the VPC's attributes and the resolver when private DNS is on and leads elsewhere", () => {
    const trouble = dnsTrouble(NAME, PUBLIC, VPC, "service", true);
    expect(trouble?.text).toContain("although private DNS is on");
    expect(trouble?.fix).toMatch(/enableDnsHostnames and enableDnsSupport.*VPC's own resolver/);
  });

  it("doubts the resolver when the endpoint's own name leads elsewhere", () => {
    expect(dnsTrouble("vpce-1.example", PUBLIC, VPC, "endpoint", false)?.text).toContain(
      "although it is the endpoint's own name",
    );
    expect(dnsTrouble("vpce-1.example", NONE, VPC, "endpoint", false)?.fix).toContain("takes some minutes to be known");
    const elsewhere = dnsTrouble("vpce-1.example", { addresses: ["10.99.0.1"], failure: "" }, VPC, "endpoint", false);
    expect(elsewhere?.text).toContain("10.99.0.1, which is not in this VPC");
  });

  it("tells a name server that fails from a name that does not exist", () => {
    expect(dnsTrouble(NAME, { addresses: [], failure: "ESERVFAIL" }, VPC, "service", false)?.text).toContain("do not answer for");
  });
});
