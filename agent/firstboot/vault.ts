import { SpacegateError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import { parameterArn, regionOf, secretArn } from "./arn.ts";
import { type Asked, toTrouble } from "./aws-failure.ts";
import type { Vault } from "./seams.ts";
import { Trouble } from "./trouble.ts";

/** Tries are made by whoever asks; no try may hang. Milliseconds. */
export const CLIENT_OPTIONS = { maxAttempts: 1, requestHandler: { connectionTimeout: 3000, requestTimeout: 8000 } } as const;

const empty = ({ what, make }: Asked): Trouble =>
  new Trouble(
    "none",
    new SpacegateError("FIRST_BOOT_REFUSED", `There is nothing in ${what}.`, { fix: `Put the value into it: ${make}` }),
  );

const askedParameter = (name: string, region: string): Asked => ({
  action: "ssm:GetParameter",
  resource: parameterArn(name, region),
  what: `the parameter ${name}`,
  region,
  make: `aws ssm put-parameter --region ${region} --type SecureString --name ${name} --value file://FILE`,
});

const askedSecret = (id: string, region: string): Asked => ({
  action: "secretsmanager:GetSecretValue",
  resource: secretArn(id, region),
  what: `the secret ${id}`,
  region,
  make: `aws secretsmanager create-secret --region ${region} --name ${id} --secret-string file://FILE`,
});

const asTrouble = <T>(asked: Asked, job: () => Promise<T>): Promise<T> =>
  job().catch((thrown: unknown) => {
    throw thrown instanceof Trouble ? thrown : toTrouble(thrown, asked);
  });

/** Systems Manager and Secrets Manager, with AWS's ordinary chain of credentials. An ARN's region counts before `region`. */
export const awsVault = (region: () => Promise<string>): Vault => ({
  parameter: async (name) => {
    const { GetParameterCommand, SSMClient } = await import("./sdk-ssm.ts");
    const own = regionOf(name) ?? (await region());
    const asked = askedParameter(name, own);
    return asTrouble(asked, async () => {
      const client = new SSMClient({ region: own, ...CLIENT_OPTIONS });
      const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
      if (!Parameter?.Value?.trim()) throw empty(asked);
      return { value: new Secret(Parameter.Value), plain: Parameter.Type !== "SecureString" };
    });
  },
  secret: async (id) => {
    const { GetSecretValueCommand, SecretsManagerClient } = await import("./sdk-secrets-manager.ts");
    const own = regionOf(id) ?? (await region());
    const asked = askedSecret(id, own);
    return asTrouble(asked, async () => {
      const client = new SecretsManagerClient({ region: own, ...CLIENT_OPTIONS });
      const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: id }));
      const text = SecretString ?? Buffer.from(SecretBinary ?? []).toString("utf8");
      if (text.trim() === "") throw empty(asked);
      return new Secret(text);
    });
  },
});
