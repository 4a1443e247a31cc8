import { type EC2Client, ModifyImageAttributeCommand, ModifyInstanceMetadataOptionsCommand } from "@aws-sdk/client-ec2";

/** From now on this instance answers IMDSv2 only: a request that some program was led to make gets nobody's credentials. */
export const requireOnInstance = async (client: EC2Client, instance: string): Promise<void> => {
  const options = { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 } as const;
  await client.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: instance, ...options }));
};

/** The same for every instance that is made of this image, unless whoever makes it says otherwise. It cannot be taken back. */
export const requireOnImage = async (client: EC2Client, image: string): Promise<void> => {
  await client.send(new ModifyImageAttributeCommand({ ImageId: image, ImdsSupport: { Value: "v2.0" } }));
};

export interface ImageId {
  readonly region: string;
  readonly image: string;
}

interface Manifest {
  readonly last_run_uuid: string;
  readonly builds: readonly { readonly packer_run_uuid: string; readonly artifact_id: string }[];
}

/**
 * The images that the last run made, as Packer's manifest post-processor tells them: "us-east-1:ami-0123,eu-west-1:ami-4567".
 * Throws an Error when there is none.
 */
export const imagesIn = (manifest: string): ImageId[] => {
  const { builds, last_run_uuid } = JSON.parse(manifest) as Manifest;
  const artifacts = builds
    .filter(({ packer_run_uuid }) => packer_run_uuid === last_run_uuid)
    .map(({ artifact_id }) => artifact_id);
  const images = [...artifacts.join(",").matchAll(/([a-z0-9-]+):(ami-[0-9a-f]+)/g)];
  if (images.length === 0)
    throw new Error(`Packer's manifest names no image of the last run: ${artifacts.join(",") || "nothing"}`);
  return images.map(([, region = "", image = ""]) => ({ region, image }));
};
