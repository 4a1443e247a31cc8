import { expect, it } from "vitest";
import { commandLine } from "../../agent/lib/command-line.ts";

it.each([
  [["spacegate", "vpn", "wait", "--cidrs", "172.16.0.0/16,10.0.0.0/8"], "spacegate vpn wait --cidrs 172.16.0.0/16,10.0.0.0/8"],
  [["--aws-account-id", "123456789012:user/abc.xyz@example.com"], "--aws-account-id 123456789012:user/abc.xyz@example.com"],
  [["--root", "/tmp/my root"], "--root '/tmp/my root'"],
  [["it's", "$(reboot)", ""], "'it'\\''s' '$(reboot)' ''"],
])("%j is typed so that a shell takes it as it is", (words, line) => {
  expect(commandLine(words)).toBe(line);
});
