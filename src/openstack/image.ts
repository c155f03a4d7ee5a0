/** Glance: https://docs.openstack.org/api-ref/image/v2/ */
import * as z from "zod";
import type { Cloud, Image } from "../world.ts";
import { list } from "./paging.ts";
import type { Session } from "./session.ts";

const GlanceImage = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    status: z.string(),
    min_disk: z.int(),
    min_ram: z.int(),
    created_at: z.string(),
    architecture: z.string().nullish(),
  })
  .transform((image): Image => {
    const { id, name, status, architecture } = image;
    return {
      id,
      name: name ?? "",
      status,
      minDiskGib: image.min_disk,
      minRamMib: image.min_ram,
      createdAt: image.created_at,
      ...(architecture ? { architecture } : {}),
    };
  });

/** What `Cloud` says about images. */
export function openImages(session: Session): Pick<Cloud, "images"> {
  const named = async (name: string, more: Record<string, string>): Promise<Image[]> => {
    // Unquoted, a name with a colon or a comma would be an operator or a list.
    const query = new URLSearchParams({ name: `in:"${name.replace(/["\\]/g, String.raw`\$&`)}"`, ...more });
    const call = { service: "image", path: `/images?${query}`, what: "list images" } as const;
    return (await list(session, call, "images", GlanceImage)).filter((image) => image.name === name);
  };
  return {
    async images(name) {
      const [usual, community] = await Promise.all([
        // Of shared images also those nobody has accepted yet: they boot all the same.
        named(name, { member_status: "all" }),
        // Community images are seen only when asked for.
        named(name, { visibility: "community" }),
      ]);
      return [...new Map([...usual, ...community].map((image) => [image.id, image])).values()];
    },
  };
}
