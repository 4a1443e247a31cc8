import type { ImageLab } from "../image-lab.ts";

/** One thing that the test proves. */
export interface ImageCheck {
  readonly name: string;
  /** What holds when it passes, as a sentence. */
  readonly title: string;
  /** Throws when something does not hold. */
  run(lab: ImageLab): Promise<void>;
}
