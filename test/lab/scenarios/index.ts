import { agentKilled } from "./agent-killed.ts";
import { badDetails } from "./bad-details.ts";
import { bundleScenario } from "./bundle.ts";
import { byHand } from "./by-hand.ts";
import { charonKilled } from "./charon-killed.ts";
import { checkGateway, checkVti } from "./check-gateway.ts";
import { checkCharonKilled, checkStrongswan } from "./check-strongswan.ts";
import { drainScenario } from "./drain.ts";
import { drift } from "./drift.ts";
import { drillScenario } from "./drill.ts";
import { failoverAgentKilled } from "./failover-agent-killed.ts";
import { failoverAnswersLost } from "./failover-answers-lost.ts";
import { failoverAsymmetric, failoverSticky } from "./failover-asymmetric.ts";
import { failoverBoth } from "./failover-both.ts";
import { failoverClock } from "./failover-clock.ts";
import { failoverCut, failoverCutPassive } from "./failover-cut.ts";
import { failoverDelete } from "./failover-delete.ts";
import { failoverFlap } from "./failover-flap.ts";
import { failoverIkev2 } from "./failover-ikev2.ts";
import { failoverLoss } from "./failover-loss.ts";
import { failoverPeerRestart } from "./failover-peer-restart.ts";
import { failoverLifetimes, failoverRekey } from "./failover-rekey.ts";
import { failoverStarterKilled } from "./failover-starter-killed.ts";
import { firewall, firewallAbsent } from "./firewall.ts";
import { include } from "./include.ts";
import { monitoring } from "./monitoring.ts";
import { monitoringTls } from "./monitoring-tls.ts";
import { newUser } from "./new-user.ts";
import { onCall, onCallCharon, onCallOneTunnel } from "./on-call.ts";
import { page } from "./page.ts";
import { privatelink, privatelinkPostgres } from "./privatelink.ts";
import { privatelinkDaemon } from "./privatelink-daemon.ts";
import { privatelinkHttps } from "./privatelink-https.ts";
import { privatelinkKept } from "./privatelink-kept.ts";
import { quiet } from "./quiet.ts";
import { reasonAddress, reasonNetwork } from "./reason-network.ts";
import { reasonRefused, reasonRefusedIkev2 } from "./reason-refused.ts";
import { removal } from "./removal.ts";
import { rotateAddress } from "./rotate-address.ts";
import { rotatePsk } from "./rotate-psk.ts";
import type { Scenario } from "./scenario.ts";
import { secrets } from "./secrets.ts";
import { settingsChange } from "./settings-change.ts";
import { settingsLastGood } from "./settings-last-good.ts";
import { setupScenario } from "./setup.ts";
import { sourceOutage } from "./source-outage.ts";
import { statusScenario } from "./status.ts";
import { tls } from "./tls.ts";
import { tools } from "./tools.ts";
import { up } from "./up.ts";
import { vpnRotate } from "./vpn-rotate.ts";
import { vpnRotateAddress } from "./vpn-rotate-address.ts";

export const SCENARIOS: readonly Scenario[] = [
  up,
  byHand,
  tools,
  quiet,
  secrets,
  agentKilled,
  charonKilled,
  settingsChange,
  settingsLastGood,
  sourceOutage,
  badDetails,
  rotatePsk,
  rotateAddress,
  vpnRotate,
  vpnRotateAddress,
  setupScenario,
  drift,
  firewall,
  firewallAbsent,
  drillScenario,
  drainScenario,
  statusScenario,
  bundleScenario,
  newUser,
  onCall,
  onCallCharon,
  onCallOneTunnel,
  removal,
  page,
  include,
  tls,
  monitoring,
  monitoringTls,
  privatelink,
  privatelinkPostgres,
  privatelinkHttps,
  privatelinkDaemon,
  privatelinkKept,
  failoverCut,
  failoverCutPassive,
  failoverDelete,
  failoverFlap,
  failoverLoss,
  failoverAsymmetric,
  failoverSticky,
  failoverAnswersLost,
  failoverPeerRestart,
  failoverBoth,
  failoverStarterKilled,
  failoverAgentKilled,
  failoverRekey,
  failoverLifetimes,
  failoverClock,
  failoverIkev2,
  reasonRefused,
  reasonRefusedIkev2,
  reasonNetwork,
  reasonAddress,
  checkGateway,
  checkVti,
  checkStrongswan,
  checkCharonKilled,
];
