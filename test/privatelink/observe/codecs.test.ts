import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parseStatusLine } from "../../../agent/privatelink/observe/https.ts";
import { apiVersionsRequest, parseApiVersions } from "../../../agent/privatelink/observe/kafka.ts";
import { parseSslAnswer, parseStartupAnswer, sslRequest, startupMessage } from "../../../agent/privatelink/observe/postgres.ts";
import { command, parseReply } from "../../../agent/privatelink/observe/redis.ts";
import type { Parse } from "../../../agent/privatelink/observe/wire.ts";
import { serveKafka } from "./fake-kafka.ts";
import { HOST, plainServer } from "./servers.ts";

/** Every beginning of the answer is waited on, and the whole of it is read. */
const atEveryByte = <T>(parse: Parse<T>, whole: Buffer): T | undefined => {
  for (let length = 1; length < whole.length; length += 1) expect(parse(whole.subarray(0, length))).toBeUndefined();
  return parse(whole);
};

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

describe("Redis' codec", () => {
  it("writes commands as arrays of bulk strings, their lengths in bytes", () => {
    expect(command("PING").toString()).toBe("*1\r\n$4\r\nPING\r\n");
    expect(command("AUTH", "ü").toString()).toBe("*2\r\n$4\r\nAUTH\r\n$2\r\nü\r\n");
  });

  it("reads a reply that comes byte by byte", () => {
    expect(atEveryByte(parseReply, Buffer.from("+PONG\r\n"))).toEqual({ isError: false, text: "PONG" });
    expect(atEveryByte(parseReply, Buffer.from("-NOAUTH no\r\n"))).toEqual({ isError: true, text: "NOAUTH no" });
  });

  it.each(["$4\r\nPONG\r\n", "HTTP/1.1 200 OK\r\n", "\0", `+${"a".repeat(2000)}`, "+PO\x07NG\r\n"])("refuses %j", (text) => {
    expect(() => parseReply(Buffer.from(text))).toThrow("not Redis");
  });
});

describe("Postgres' codec", () => {
  it("writes the two first messages as the documentation has them", () => {
    expect(sslRequest()).toEqual(bytes("00000008 04d2162f"));
    expect(startupMessage({ user: "u" })).toEqual(bytes("00000010 00030000 75736572 00 7500 00"));
  });

  it("takes one byte before TLS, and no second one", () => {
    expect(parseSslAnswer(Buffer.from("S"))).toBe("tls");
    expect(parseSslAnswer(Buffer.from("N"))).toBe("plain");
    for (const text of ["SX", "E", "\0"]) expect(() => parseSslAnswer(Buffer.from(text))).toThrow("not Postgres");
  });

  it("reads the authentication request that comes byte by byte, also behind a negotiation", () => {
    const md5 = bytes("52 0000000c 00000005 01020304");
    expect(atEveryByte(parseStartupAnswer, md5)).toContain("MD5");
    expect(atEveryByte(parseStartupAnswer, Buffer.concat([bytes("76 0000000c 00000000 00000000"), md5]))).toContain("MD5");
    expect(parseStartupAnswer(bytes("52 00000008 00000063"))).toBe("Postgres answers and asks who is there");
  });

  it("reads the message of an error", () => {
    const body = Buffer.from("SFATAL\0C28000\0Mno pg_hba.conf entry\0\0");
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    expect(atEveryByte(parseStartupAnswer, Buffer.concat([Buffer.from("E"), length, body]))).toBe(
      "Postgres answers: no pg_hba.conf entry",
    );
  });

  it.each(["48545450", "52 00000004 00000000", "52 7fffffff 00", "45 00000009 53535353 00", "52 ffffffff 00"])(
    "refuses %s",
    (hex) => {
      expect(() => parseStartupAnswer(bytes(hex))).toThrow("not Postgres");
    },
  );
});

describe("Kafka's codec", () => {
  const answer = bytes("00000010 00000007 0000 00000001 0012 0000 0003");

  it("writes the request as the protocol guide has it", () => {
    expect(apiVersionsRequest(7)).toEqual(bytes("00000013 0012 0000 00000007 0009 737061636567617465"));
  });

  it("reads an answer that comes byte by byte", () => {
    expect(atEveryByte(parseApiVersions(7), answer)).toBe("Kafka answers ApiVersions");
  });

  it("refuses another request's answer, a torn one, one with more behind it, and an unknown error", () => {
    expect(() => parseApiVersions(8)(answer)).toThrow("not Kafka");
    expect(() => parseApiVersions(7)(Buffer.concat([answer, answer]))).toThrow("not Kafka");
    expect(() => parseApiVersions(7)(bytes("00000010 00000007 0000 00000002 0012 0000 0003"))).toThrow("not Kafka");
    expect(() => parseApiVersions(7)(bytes("00000010 00000007 0029 00000001 0012 0000 0003"))).toThrow("not Kafka");
    for (const size of ["00000000", "7fffffff", "ffffffff"]) expect(() => parseApiVersions(7)(bytes(size))).toThrow("not Kafka");
  });

  it("meets the same broker as librdkafka, which takes it for Kafka and goes on to ask for metadata", async () => {
    const asked: string[] = [];
    const port = await plainServer((socket) => serveKafka(socket, (what) => asked.push(what)));
    await promisify(execFile)("kcat", ["-L", "-m", "2", "-b", `${HOST}:${port}`]).catch(() => {});
    expect(asked.slice(0, 3)).toEqual(["ApiVersions 3", "ApiVersions 0", "Error: api key 3"]);
  });
});

describe("HTTP's codec", () => {
  it("needs the status line only, byte by byte", () => {
    expect(atEveryByte(parseStatusLine, Buffer.from("HTTP/1.1 403 Forbidden\r\n"))).toBe(403);
    expect(parseStatusLine(Buffer.from("HTTP/1.0 200\r\nA: b"))).toBe(200);
  });

  it.each(["HTTP/2 200\r\n", "HTTP/1.1 999 No\r\n", "HTTP/1.1  200\r\n", "+PONG\r\n", `HTTP/1.1 ${"2".repeat(2000)}`])(
    "refuses %j",
    (text) => {
      expect(() => parseStatusLine(Buffer.from(text))).toThrow("not HTTP");
    },
  );
});
