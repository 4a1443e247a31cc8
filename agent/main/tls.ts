import { X509Certificate } from "node:crypto";
import { access } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { TlsClientOptions, TlsOptions, TlsShowOptions } from "../cli/tls.ts";
import { issuedText, type ShownCertificate, type TlsReport, tlsText } from "../cli/tls-text.ts";
import { readClientCa, readOwners } from "../expose/tls-material.ts";
import { writeAtomically } from "../lib/atomic-file.ts";
import { expiryOf } from "../lib/certificate.ts";
import { systemClock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import { PrivateCa, TLS_DIRECTORY } from "../lib/pki-store.ts";
import type { Settings } from "../model/settings.ts";
import { readSettings } from "../settings/read.ts";
import { settingsPath } from "./open.ts";

type Listen = Settings["listen"];

const DAY_MS = 86_400_000;

const caBelow = (root: string): PrivateCa =>
  new PrivateCa({ directory: join(root, TLS_DIRECTORY), clock: systemClock, hostName: hostname() });

const shown = (file: string, pem: string): ShownCertificate => {
  const certificate = new X509Certificate(pem);
  const until = expiryOf(certificate);
  return {
    file,
    subject: certificate.subject.replaceAll("\n", ", "),
    names: certificate.subjectAltName?.split(", ") ?? [],
    expires: new Date(until).toISOString(),
    days_left: Math.floor((until - systemClock.now()) / DAY_MS),
    sha256: certificate.fingerprint256,
  };
};

type Found = Pick<TlsReport, "authority" | "certificate">;

const findOwn = async (ca: PrivateCa, tls: Listen["tls"], root: string): Promise<Found> => {
  const { authority, server } = await ca.look();
  const isServed = tls !== undefined && tls.certificate === undefined;
  return {
    authority: authority ? shown(ca.publicPath, authority.certificate) : null,
    certificate: isServed && server ? shown(join(root, TLS_DIRECTORY, "server.pem"), server.certificate) : null,
  };
};

/** The owner's certificate, as the server would read it now; rejects as the server would refuse it. */
const findOwners = async (tls: Listen["tls"]): Promise<Partial<Found>> => {
  const now = systemClock.now();
  if (tls?.client_ca !== undefined) await readClientCa(tls.client_ca, now);
  if (tls?.certificate === undefined || tls.key === undefined) return {};
  const { certificate } = await readOwners({ certificate: tls.certificate, key: tls.key }, now);
  return { certificate: shown(tls.certificate, certificate) };
};

/** What there is, and what of it the server would not take. */
const find = async (ca: PrivateCa, tls: Listen["tls"], root: string): Promise<Found & Pick<TlsReport, "problem">> => {
  let found: Found = { authority: null, certificate: null };
  try {
    found = await findOwn(ca, tls, root);
    return { ...found, ...(await findOwners(tls)), problem: null };
  } catch (thrown) {
    const fix = thrown instanceof SpacegateError ? thrown.fix : "See the message.";
    return { ...found, problem: { text: messageOf(thrown), fix } };
  }
};

const show = async ({ root, json, ...options }: TlsShowOptions): Promise<number> => {
  const { listen } = await readSettings(settingsPath({ root, ...options }));
  const ca = caBelow(root);
  const required = listen.tls?.client_certificates ?? "none";
  const found = await find(ca, listen.tls, root);
  const report: TlsReport = {
    tls: listen.tls !== undefined,
    ...found,
    client_certificates: required,
    client_ca: required === "required" ? (listen.tls?.client_ca ?? ca.publicPath) : null,
    token_file: listen.token_file ?? null,
  };
  process.stdout.write(`${json ? JSON.stringify(report) : tlsText(report)}\n`);
  const isGood = found.problem === null && (found.certificate?.days_left ?? -1) >= 0;
  return !report.tls || isGood ? 0 : 1;
};

const refuse = (message: string, fix: string): SpacegateError => new SpacegateError("TLS_CLIENT_REFUSED", message, { fix });

const refuseExisting = async (path: string): Promise<void> => {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw refuse(`${path} is there already, and nothing was written.`, "Choose another --out or name, or remove it.");
};

const write = async (path: string, text: string, mode: number): Promise<void> => {
  await writeAtomically({ path, text, mode, directoryMode: 0o700 }).catch((thrown: unknown) => {
    throw new SpacegateError("HOST_WRITE_FAILED", `${path} could not be written: ${messageOf(thrown)}`, {
      fix: "Choose a directory that you may write to with --out.",
      cause: thrown,
    });
  });
};

const client = async ({ root, json, name, out, days, ...options }: TlsClientOptions): Promise<number> => {
  const { tls } = (await readSettings(settingsPath({ root, ...options }))).listen;
  if (tls?.client_ca !== undefined)
    throw refuse(
      `The server takes clients of ${tls.client_ca} only, so the agent's own CA can issue none.`,
      "Have that CA issue it, or take listen.tls.client_ca out of the settings.",
    );
  const files = {
    certificate: join(out, `${name}.crt`),
    key: join(out, `${name}.key`),
    // An owner's certificate is somebody else's to vouch for.
    authority: tls?.certificate === undefined ? join(out, "authority.crt") : null,
  };
  await refuseExisting(files.key);
  await refuseExisting(files.certificate);
  const ca = caBelow(root);
  const issued = await ca.client(name, days);
  await write(files.key, issued.key.reveal(), 0o600);
  await write(files.certificate, issued.certificate, 0o644);
  if (files.authority !== null) await write(files.authority, (await ca.authority()).certificate, 0o644);
  const { expires } = shown(files.certificate, issued.certificate);
  const report = { files, expires, client_certificates: tls?.client_certificates ?? ("none" as const) };
  process.stdout.write(`${json ? JSON.stringify(report) : issuedText(report)}\n`);
  return 0;
};

export const tls = (options: TlsOptions): Promise<number> => (options.verb === "show" ? show(options) : client(options));
