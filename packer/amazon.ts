/* Run by the template around the amazon-ebs source: `amazon.ts instance REGION ID`, `amazon.ts images MANIFEST`. */
import { readFile } from "node:fs/promises";
import { EC2Client } from "@aws-sdk/client-ec2";
import { messageOf } from "../agent/lib/errors.ts";
import { imagesIn, requireOnImage, requireOnInstance } from "./amazon/imds.ts";

const HELP = "amazon.ts instance REGION ID | amazon.ts images MANIFEST";

const [, , what, ...args] = process.argv;

try {
  const [first = "", second = ""] = args;
  if (what === "instance") await requireOnInstance(new EC2Client({ region: first }), second);
  else if (what === "images") {
    for (const { region, image } of imagesIn(await readFile(first, "utf8")))
      await requireOnImage(new EC2Client({ region }), image);
  } else throw new Error(HELP);
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
