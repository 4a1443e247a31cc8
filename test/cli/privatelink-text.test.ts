import { describe, expect, it } from "vitest";
import { accessText, goneText, linkJson, linkText, urlsJson, urlsText } from "../../agent/cli/privatelink-text.ts";
import type { HerokuLink } from "../../agent/model/privatelink.ts";

const LINK: HerokuLink = {
  app: "acme-app",
  addon: { name: "redis-kvs-12345", uuid: "912ce943-9b8d-4135-a147-f745c3a2c4a3" },
  status: "Operational",
  serviceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
  allowedAccounts: [{ accountId: "123456789101:user/abc.xyz", arn: "arn:aws:iam::123456789101:user/abc.xyz", status: "Active" }],
  connections: [
    {
      endpointId: "vpce-01c87ae3c05563935",
      hostname: "x.amazonaws.com",
      ownerArn: "arn:aws:iam::123456789101:root",
      status: "Available",
    },
  ],
};
const NEW: HerokuLink = { ...LINK, status: "Provisioning", serviceName: "", allowedAccounts: [], connections: [] };
const URLS = [
  {
    endpointId: "vpce-01c87ae3c05563935",
    urls: [{ name: "REDIS_ENDPOINT_01C87AE3C05563935_URL", url: "redis://user:password@host:6379" }],
  },
  { endpointId: "vpce-0a0a0a0a0a0a0a0a0", urls: [] },
];

describe("a PrivateLink", () => {
  it("is shown with its service name, accounts and connections", () => {
    expect(linkText(LINK)).toBe(
      [
        "acme-app/redis-kvs-12345: Operational",
        "  service name  com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
        "",
        "  Allowed account                         Status",
        "  arn:aws:iam::123456789101:user/abc.xyz  Active",
        "",
        "  Endpoint                Status     Owner",
        "  vpce-01c87ae3c05563935  Available  arn:aws:iam::123456789101:root",
      ].join("\n"),
    );
  });

  it("that is being made says what is not there yet", () => {
    expect(linkText(NEW)).toBe(
      [
        "acme-app/redis-kvs-12345: Provisioning",
        "  service name  not yet",
        "",
        "  No account is shown yet.",
        "",
        "  No endpoint is connected.",
      ].join("\n"),
    );
  });

  it("that nobody is connected to says what is next", () => {
    expect(linkText({ ...LINK, connections: [] })).toContain(
      "No endpoint is connected: `spacegate privatelink connect` makes one.",
    );
  });

  it("that lets nobody in says so", () => {
    expect(accessText({ ...LINK, allowedAccounts: [] })).toBe(
      "acme-app/redis-kvs-12345: Operational\n\n  No account is let in: nobody can connect.",
    );
  });

  it("is JSON in Heroku's own names", () => {
    expect(linkJson(LINK)).toEqual({
      app: "acme-app",
      addon: { name: "redis-kvs-12345", uuid: "912ce943-9b8d-4135-a147-f745c3a2c4a3" },
      status: "Operational",
      service_name: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
      allowed_accounts: [
        { account_id: "123456789101:user/abc.xyz", arn: "arn:aws:iam::123456789101:user/abc.xyz", status: "Active" },
      ],
      connections: [
        {
          endpoint_id: "vpce-01c87ae3c05563935",
          hostname: "x.amazonaws.com",
          owner_arn: "arn:aws:iam::123456789101:root",
          status: "Available",
        },
      ],
    });
  });

  it("shows nothing that a terminal would obey", () => {
    const text = linkText({ ...LINK, status: "a\u001B[2Jb", serviceName: "c\rd" });
    for (const character of ["\u001B", "\r"]) expect(text).not.toContain(character);
  });
});

describe("connection strings", () => {
  it("are shown by their config vars' names, and said to be missing where they are", () => {
    expect(urlsText(URLS)).toBe(
      [
        "Connection strings (each holds a password)",
        "  REDIS_ENDPOINT_01C87AE3C05563935_URL: redis://user:password@host:6379",
        "  vpce-0a0a0a0a0a0a0a0a0: Heroku has not made its config var yet",
      ].join("\n"),
    );
    expect(urlsText([])).toContain("None: no endpoint is connected.");
  });

  it("are JSON with their endpoint", () => {
    expect(urlsJson(URLS)).toEqual([
      {
        endpoint_id: "vpce-01c87ae3c05563935",
        name: "REDIS_ENDPOINT_01C87AE3C05563935_URL",
        url: "redis://user:password@host:6379",
      },
    ]);
  });
});

it("a link that is gone names the command that deletes its endpoint", () => {
  expect(goneText("acme-app/redis-kvs-12345")).toMatch(/is gone\.\nAn endpoint .*privatelink disconnect/);
});
