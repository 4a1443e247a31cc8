import { describe, expect, it } from "vitest";
import { answersIke, ikeQuestions } from "../../agent/check/ike-packet.ts";

const lengthField = (packet: Buffer): number => packet.readUInt32BE(24);

describe("ikeQuestions", () => {
  it.each([1, 2] as const)("say their own length in the header, IKEv%i", (version) => {
    const { stateless, genuine } = ikeQuestions(500, version);
    expect(lengthField(stateless)).toBe(stateless.length);
    expect(lengthField(genuine)).toBe(genuine.length);
  });

  it("ask first with a version that nobody has, and no payload", () => {
    const { stateless } = ikeQuestions(500, 1);
    expect(stateless.length).toBe(28);
    expect(stateless[17]).toBe(0x30);
  });

  it("then with message 1 of main mode for IKEv1, byte for byte", () => {
    const { genuine } = ikeQuestions(500, 1);
    const responderSpi = "00".repeat(8);
    const header = "011002000000000000000054";
    const sa = "00000038 0000000100000001";
    const proposal = "0000002c 01010001";
    const transform = "00000024 01010000 80010007 800e0100 80020004 8004000e 80030001 800b0001 800c7080";
    const expected = [responderSpi, header, sa, proposal, transform].join("").replaceAll(" ", "");
    expect(genuine.subarray(8).toString("hex")).toBe(expected);
  });

  it("then with IKE_SA_INIT for IKEv2, whose public value and nonce are new each time", () => {
    const [first, second] = [ikeQuestions(500, 2).genuine, ikeQuestions(500, 2).genuine];
    expect(first.subarray(16, 20).toString("hex")).toBe("21202208");
    expect(first.equals(second)).toBe(false);
    // Header 28, SA 48, KE 264, nonce 36.
    expect(first.length).toBe(376);
  });

  it("begin with the marker of zeros on UDP 4500", () => {
    const { stateless, genuine } = ikeQuestions(4500, 2);
    for (const question of [stateless, genuine]) expect(question.readUInt32BE(0)).toBe(0);
    expect(genuine.readUInt32BE(4 + 24)).toBe(genuine.length - 4);
  });
});

describe("answersIke", () => {
  it("knows an answer by the initiator's SPI", () => {
    const { stateless } = ikeQuestions(500, 2);
    const answer = Buffer.concat([stateless.subarray(0, 8), Buffer.alloc(28)]);
    expect(answersIke(stateless, answer, 500)).toBe(true);
    answer[0] = (answer[0] ?? 0) ^ 1;
    expect(answersIke(stateless, answer, 500)).toBe(false);
  });

  it("looks behind the marker on UDP 4500, and takes nothing shorter than a header", () => {
    const { stateless } = ikeQuestions(4500, 2);
    const answer = Buffer.concat([stateless.subarray(0, 12), Buffer.alloc(20)]);
    expect(answersIke(stateless, answer, 4500)).toBe(true);
    expect(answersIke(stateless, answer.subarray(0, 31), 4500)).toBe(false);
  });
});
