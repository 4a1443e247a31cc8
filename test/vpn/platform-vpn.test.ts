import { describe, expect, test } from "vitest";
import { KEY, never, REF, stand, wire } from "./support.ts";

const UUID = "01234567-89ab-cdef-0123-456789abcdef";

const found = async (changes: object) => {
  const { heroku } = await stand({ connections: { [KEY]: { ...wire(), ...changes } } });
  return heroku.find(REF, never);
};

describe("a connection as Heroku tells of it", () => {
  test("keeps an id that has the shape of a token: two connections are told apart by it", async () => {
    expect((await found({ id: UUID }))?.id).toBe(UUID);
  });

  test("has nothing in it that a terminal would obey", async () => {
    const connection = await found({
      routable_cidrs: ["172.16.0.0/16\u001B[2J\nlisten: {}"],
      public_ip: "203.0.113.10\u0007",
      status_message: "fine\u001B]0;title\u0007 \u202Eelbasu\u200Bnu",
    });
    const texts = [connection?.routableCidrs.join(), connection?.publicIp, connection?.statusMessage];
    expect(texts).toEqual(["172.16.0.0/16 [2J listen: {}", "203.0.113.10", "fine ]0;title elbasu nu"]);
  });

  test("has no secret in Heroku's words about it", async () => {
    const connection = await found({ status_message: "pre-shared key: abc.def is in use" });
    expect(connection?.statusMessage).toBe("pre-shared key: [redacted] is in use");
  });
});
