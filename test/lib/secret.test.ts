import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";

const PSK = "abcdef12345";
const secret = new Secret(PSK);

const consoleText = (print: (to: Console) => void): string => {
  let text = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  print(new Console(stream));
  return text;
};

describe("a secret", () => {
  it.each([
    ["String", () => String(secret)],
    ["a template", () => `the PSK is ${secret}`],
    ["concatenation", () => `the PSK is ${"".concat(secret as unknown as string)}`],
    ["JSON", () => JSON.stringify({ tunnels: [{ psk: secret }] })],
    ["inspect", () => inspect({ psk: secret }, { showHidden: true, depth: 9 })],
    ["inspect without its own custom form", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["every format of console.log", () => consoleText((to) => to.log("%s %o %O %j", secret, secret, secret, secret))],
    ["console.table", () => consoleText((to) => to.table([{ secret }]))],
    ["console.dir", () => consoleText((to) => to.dir(secret, { showHidden: true }))],
    ["util.format", () => format("%s", { secret })],
    ["an error's message", () => new Error(`refused: ${secret}`).message],
    ["an error's cause", () => inspect(new Error("refused", { cause: secret }))],
    ["the error of a wrong use", () => wrongUse()],
    ["a structured clone", () => JSON.stringify(structuredClone(secret))],
    ["its own properties", () => JSON.stringify([...Reflect.ownKeys(secret).map(String), ...Object.values(secret)])],
    ["a spread", () => JSON.stringify({ ...secret })],
  ])("does not come out through %s", (_way, show) => {
    expect(show()).not.toContain(PSK);
  });

  it("comes out where it is asked for by name, and nowhere else", () => {
    expect(secret.reveal()).toBe(PSK);
  });

  it("equals another one with the same value", () => {
    expect([secret.equals(new Secret(PSK)), secret.equals(new Secret("other"))]).toEqual([true, false]);
  });
});

const wrongUse = (): string => {
  try {
    return (secret as unknown as () => string)();
  } catch (thrown) {
    return inspect(thrown);
  }
};
