import type { Clock } from "../lib/clock.ts";
import type { Secret } from "../lib/secret.ts";

/** Where settings and token are kept. Each call is one try; rejects with Trouble. */
export interface Vault {
  /** A parameter's decrypted value; `plain`: it is stored without encryption. */
  parameter(name: string): Promise<{ readonly value: Secret; readonly plain: boolean }>;
  /** A secret's text. */
  secret(id: string): Promise<Secret>;
}

/** This instance's network interfaces. Each call is one try; rejects with Trouble. */
export interface Interfaces {
  /** "eni-0123456789abcdef0" */
  ids(): Promise<readonly string[]>;
  /** Whether AWS drops what is neither from nor for the interface. */
  isChecked(id: string): Promise<boolean>;
  stopChecking(id: string): Promise<void>;
}

/** Time, and how much of it there is. */
export interface Pace {
  readonly clock: Clock;
  /** 0..1 */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Give up after so many milliseconds, counted from `begun` (monotonic). */
  readonly waitMs: number;
  readonly begun: number;
  readonly say: (text: string) => void;
}
