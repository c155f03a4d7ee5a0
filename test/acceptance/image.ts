/** The bundle's image for one project, under the name that hailstack looks for. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Rest } from "./rest.ts";

const Image = z.object({
  id: z.string(),
  disk_format: z.string(),
  container_format: z.string(),
  // How the lab's image boots: with kernel and initrd beside it.
  kernel_id: z.string().optional(),
  ramdisk_id: z.string().optional(),
  os_command_line: z.string().optional(),
  hw_rng_model: z.string().optional(),
});

/** Copies image `from` to a private one called `to`; `file` (qcow2) makes it one with another content. */
export async function copyImage(rest: Rest, from: string, to: string, file?: string): Promise<void> {
  const { images } = await rest.ask(z.object({ images: z.array(Image) }), "image", `/v2/images?name=${from}`);
  const [image] = images;
  if (!image) throw new Error(`the lab has no image ${from}`);
  const { id, ...properties } = image;
  const body = { name: to, visibility: "private", ...properties };
  const made = await rest.ask(z.object({ id: z.string() }), "image", "/v2/images", { method: "POST", body });
  const content = file
    ? Readable.toWeb(createReadStream(file))
    : (await rest.send("image", `/v2/images/${id}/file`)).body;
  if (!content) throw new Error(`image ${from} is empty`);
  await rest.send("image", `/v2/images/${made.id}/file`, { method: "PUT", bytes: content });
}
