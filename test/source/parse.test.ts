import { describe, expect, test } from "vitest";
import { parseConnection, toWire } from "../../agent/source/parse.ts";
import { everythingOf, FIRST, failureOf, PSKS, REF, SECOND, wire } from "./support.ts";

const refusal = (value: unknown) => failureOf(() => parseConnection(REF, value));

const ready = (value: unknown) => {
  const answer = parseConnection(REF, value);
  if (answer.kind !== "ready") throw new Error(`waiting: ${answer.reason}`);
  return answer.connection;
};

describe("an active connection", () => {
  test("becomes details, its tunnels numbered by their place", () => {
    const connection = ready(wire());
    expect(connection).toMatchObject({
      space: "acme-space",
      name: "office",
      ikeVersion: 1,
      publicIp: "203.0.113.10",
      routableCidrs: ["172.16.0.0/16"],
      spaceCidr: "10.0.0.0/16",
      tunnels: [
        { index: 1, ip: "34.203.187.158", customerIp: "203.0.113.10", status: "UP" },
        { index: 2, ip: "34.227.70.143" },
      ],
    });
    expect(connection.tunnels.map(({ psk }) => psk.reveal())).toEqual(PSKS);
  });

  test("survives being written and read again", () => {
    const connection = ready(wire());
    expect(toWire(ready(toWire(connection)))).toEqual(toWire(connection));
  });

  test("may have fields and states that are not known yet", () => {
    const tunnels = [{ ...FIRST, status: "HALF_UP", inside_ip: "169.254.1.1" }, SECOND];
    const connection = ready(wire({ status: "maintenance", tunnels, crypto: { dh: 20 } }));
    expect(connection.status).toBe("maintenance");
    expect(connection.tunnels[0]?.status).toBe("HALF_UP");
  });

  test("may leave out what only informs", () => {
    const { customer_ip: _ip, status: _status, ...bare } = FIRST;
    const connection = ready(wire({ public_ip: null, status_message: null, tunnels: [bare, SECOND] }));
    expect(connection).toMatchObject({ publicIp: "", statusMessage: "", tunnels: [{ customerIp: "", status: "" }, {}] });
  });

  test("is known by its id as well, and keeps the name that the settings use", () => {
    const answer = parseConnection({ space: "acme-space", name: "123456789012" }, wire());
    expect(answer).toMatchObject({ kind: "ready", connection: { name: "123456789012" } });
  });
});

describe("waiting", () => {
  test.each([
    ["pending", "Heroku has not begun to make the connection (pending)"],
    ["provisioning", "Heroku is still making the connection (provisioning)"],
    ["deprovisioning", "Heroku is removing the connection (deprovisioning)"],
    ["failed", "Heroku could not make the connection (failed)"],
  ])("while the status is %s, even with both tunnels there", (status, reason) => {
    const answer = parseConnection(REF, wire({ status }));
    expect(answer).toMatchObject({ kind: "waiting", reason, connection: { status, tunnels: [{ index: 1 }, { index: 2 }] } });
  });

  test("repeats what Heroku says about a failure", () => {
    const answer = parseConnection(REF, wire({ status: "failed", status_message: "no capacity in us-east-1" }));
    expect(answer).toMatchObject({ reason: "Heroku could not make the connection (failed: no capacity in us-east-1)" });
  });

  test.each([
    ["absent", undefined, 0],
    ["null", null, 0],
    ["empty", [], 0],
    ["one", [FIRST], 1],
  ])("while the tunnels are %s", (_case, tunnels, count) => {
    const answer = parseConnection(REF, wire({ tunnels }));
    expect(answer).toMatchObject({ kind: "waiting", reason: `Heroku says active, but gives ${count} of 2 tunnels` });
  });

  test("needs no details: a pending connection may have none", () => {
    expect(parseConnection(REF, { name: "office", status: "pending" })).toEqual({
      kind: "waiting",
      reason: "Heroku has not begun to make the connection (pending)",
    });
  });
});

describe("details that cannot be used", () => {
  test.each([
    ["no object", "hello", "the connection"],
    ["null", null, "the connection"],
    ["a list", [wire()], "the connection"],
    ["no status", wire({ status: undefined }), "status"],
    ["a number as name", wire({ name: 7 }), "name"],
    ["text instead of tunnels", wire({ tunnels: "none" }), "tunnels"],
    ["text instead of a tunnel", wire({ tunnels: [FIRST, "x"] }), "tunnels[1]"],
    ["a tunnel without address", wire({ tunnels: [FIRST, { ...SECOND, ip: undefined }] }), "tunnels[1].ip"],
    ["a numeric PSK", wire({ tunnels: [{ ...FIRST, pre_shared_key: 12345678 }, SECOND] }), "tunnels[0].pre_shared_key"],
    ["no space block", wire({ space_cidr_block: null }), "space_cidr_block"],
    ["CIDRs as text", wire({ routable_cidrs: "172.16.0.0/16" }), "routable_cidrs"],
  ])("%s: malformed, and the field is named", async (_case, value, field) => {
    const error = await refusal(value);
    expect(error.code).toBe("SOURCE_MALFORMED");
    expect(error.details).toEqual({ fields: [field] });
    expect(error.message).toContain(`${field}: `);
  });

  test("all faults are told at once", async () => {
    const error = await refusal(wire({ space_cidr_block: 1, routable_cidrs: 2 }));
    expect(error.details).toEqual({ fields: ["routable_cidrs", "space_cidr_block"] });
  });

  test("a third tunnel is refused", async () => {
    const error = await refusal(wire({ tunnels: [FIRST, SECOND, FIRST] }));
    expect(error).toMatchObject({ code: "CONNECTION_INVALID", message: expect.stringContaining("3 tunnels") });
  });

  test("an IKE version that charon does not speak is refused with its value", async () => {
    const error = await refusal(wire({ ike_version: 3 }));
    expect(error).toMatchObject({
      code: "CONNECTION_INVALID",
      message: expect.stringContaining('ike_version: must be 1 or 2 ("3")'),
    });
  });

  test("an empty PSK is refused", async () => {
    const error = await refusal(wire({ tunnels: [FIRST, { ...SECOND, pre_shared_key: "" }] }));
    expect(error).toMatchObject({
      code: "CONNECTION_INVALID",
      message: expect.stringContaining("tunnels[1].pre_shared_key: is empty"),
    });
  });

  test("an answer about another connection is refused; shell characters in its name stay text on one line", async () => {
    const error = await refusal(wire({ name: "office; $(reboot) `x`" }));
    expect(error).toMatchObject({
      code: "SOURCE_MALFORMED",
      message: 'asked for acme-space/office, got the connection "office; $(reboot) `x`"',
    });
  });
});

describe("control characters", () => {
  test.each([
    ["a newline", "abc\ndef"],
    ["a carriage return", "abc\rdef"],
    ["NUL", "abc\0def"],
    ["escape", "abc\u001b[31mdef"],
    ["DEL", "abc\u007fdef"],
    ["C1", "abc\u0085def"],
    ["a line separator", "abc\u2028def"],
  ])("%s in a PSK is refused, and no part of the PSK is shown", async (_case, psk) => {
    const error = await refusal(wire({ tunnels: [FIRST, { ...SECOND, pre_shared_key: psk }] }));
    expect(error.code).toBe("CONNECTION_INVALID");
    expect(error.message).toContain("tunnels[1].pre_shared_key: holds a control character");
    expect(everythingOf(error)).not.toMatch(/abc|def\b/);
  });

  test.each([
    ["status", wire({ status: "act\nive" })],
    ["status_message", wire({ status_message: "a\u001b]0;x" })],
    ["public_ip", wire({ public_ip: "203.0.113.10\n" })],
    ["space_cidr_block", wire({ space_cidr_block: "10.0.0.0/16\n" })],
    ["routable_cidrs[0]", wire({ routable_cidrs: ["172.16.0.0/16\nconn evil"] })],
    ["tunnels[0].ip", wire({ tunnels: [{ ...FIRST, ip: "34.203.187.158\n\tauto=start" }, SECOND] })],
    ["tunnels[0].status", wire({ tunnels: [{ ...FIRST, status: "U\nP" }, SECOND] })],
  ])("in %s are refused, and the message stays on one line", async (field, value) => {
    const error = await refusal(value);
    expect(error).toMatchObject({ code: "CONNECTION_INVALID", details: { fields: [field] } });
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });
});

test("whatever is wrong elsewhere, no PSK is in the error", async () => {
  const broken = [
    wire({ space_cidr_block: null }),
    wire({ ike_version: 9 }),
    wire({ tunnels: JSON.stringify([FIRST, SECOND]) }),
    wire({ status: { tunnels: [FIRST] } }),
    wire({ tunnels: [FIRST, SECOND, FIRST] }),
    [wire()],
  ];
  for (const value of broken) {
    const shown = everythingOf(await refusal(value));
    for (const psk of PSKS) expect(shown).not.toContain(psk);
  }
});
