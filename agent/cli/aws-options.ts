import { InvalidArgumentError } from "commander";
import { isHerokuName } from "../lib/heroku-name.ts";

const matching =
  (isRight: (value: string) => boolean, what: string) =>
  (value: string): string => {
    if (!isRight(value)) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };

/* Parsers of options about AWS: what is misspelt would be found nowhere, which looks like "nothing is left". */

export const awsAccount = matching((value) => /^\d{12}$/.test(value), "12 digits");
export const awsRegion = matching((value) => /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(value), "a region, such as us-east-1");
export const awsVpc = matching(
  (value) => /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value),
  "a VPC's id, such as vpc-0a1b2c3d4e5f60718",
);
export const linkName = matching(isHerokuName, "a link's name: lower-case letters, digits and inner hyphens, 64 at most");
