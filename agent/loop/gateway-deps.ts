import type { AttemptState } from "../apply/bring-up.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Secret } from "../lib/secret.ts";
import type { HostFacts, ObservedIke } from "../model/observed.ts";
import type { StrongswanPaths } from "../model/paths.ts";
import type { SourceState } from "../model/source.ts";
import type { Status } from "../model/status.ts";
import type { Step } from "../model/step.ts";
import type { Prober } from "../observe/probe-target.ts";
import type { TemplateTexts } from "../render/templates.ts";
import type { Observe } from "./pass.ts";

/** Everything that the gateway reaches the world through. */
export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly observe: Observe;
  readonly observeHost: (targets: readonly string[]) => Promise<HostFacts>;
  readonly listSas: () => Promise<readonly ObservedIke[]>;
  /** null: not known. */
  readonly ipForward: () => Promise<boolean | null>;
  /** Packets that the kernel has dropped because a policy was another SA's; null: not known. */
  readonly policyMismatches: () => Promise<number | null>;
  readonly execute: (step: Step) => Promise<void>;
  /** False for steps that make no sense on this host. */
  readonly applies: (step: Step) => boolean;
  readonly attempts: () => Readonly<Record<string, AttemptState>>;
  readonly states: () => readonly SourceState[];
  readonly templates: () => Promise<TemplateTexts>;
  readonly drills: () => Promise<Status["drills"]>;
  readonly fingerprint: (secret: Secret) => string;
  readonly prober: Prober;
  readonly standalone: boolean;
  /** True for commands that only show: no pass is ever run. */
  readonly readOnly: boolean;
  /** True below a directory, where there are files and nothing else. */
  readonly rooted: boolean;
  readonly paths: StrongswanPaths;
}
