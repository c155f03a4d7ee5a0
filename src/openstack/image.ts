/** Images in Glance, read and changed: https://docs.openstack.org/api-ref/image/v2/ */
import * as z from "zod";
import type { Cloud, Image, ImageChange, ImageRoom, Quota } from "../world.ts";
import { list } from "./paging.ts";
import type { Call, Session } from "./session.ts";

/** Free properties stand beside an image's own fields. */
const GlanceImage = z
  .looseObject({
    id: z.string(),
    name: z.string().nullable(),
    status: z.string(),
    min_disk: z.int(),
    min_ram: z.int(),
    created_at: z.string(),
    architecture: z.string().nullish(),
    visibility: z.enum(["private", "shared", "community", "public"]),
    owner: z.string().nullish(),
    size: z.int().nullish(),
  })
  .transform((image): Image => {
    const { id, name, status, architecture, visibility, owner, size } = image;
    return {
      id,
      name: name ?? "",
      status,
      minDiskGib: image.min_disk,
      minRamMib: image.min_ram,
      createdAt: image.created_at,
      ...(architecture ? { architecture } : {}),
      visibility,
      ownerId: owner ?? "",
      ...(size ? { sizeBytes: size } : {}),
      properties: Object.fromEntries(Object.entries(image).filter(isOurs)),
    };
  });

const isOurs = (entry: [string, unknown]): entry is [string, string] =>
  entry[0].startsWith("hailstack_") && typeof entry[1] === "string";

const Usage = z.object({ usage: z.record(z.string(), z.object({ usage: z.int(), limit: z.int() })) });

type ImagePart = Pick<
  Cloud,
  "images" | "builtImages" | "ownImages" | "offeredImages" | "image" | "changeImage" | "imageRoom"
>;

/** What `Cloud` says about images, but for their members. */
export function openImages(session: Session): ImagePart {
  const { projectId } = session.identity;
  /** All that the usual list has, and others' community images, which are seen only when asked for. */
  const visible = async (asked: Record<string, string>): Promise<Image[]> => {
    // Of shared images also those nobody has accepted yet: they boot all the same.
    const usual = listImages(session, { ...asked, member_status: "all" });
    const community = listImages(session, { ...asked, visibility: "community" });
    const all = (await Promise.all([usual, community])).flat();
    return [...new Map(all.map((image) => [image.id, image])).values()];
  };
  return {
    async images(name) {
      // Unquoted, a name with a colon or a comma would be an operator or a list.
      const found = await visible({ name: `in:"${name.replace(/["\\]/g, String.raw`\$&`)}"` });
      return found.filter((image) => image.name === name);
    },
    builtImages: () => visible({ hailstack_kind: "image" }),
    ownImages: () => listImages(session, { owner: projectId, limit: "1000" }),
    async offeredImages() {
      const shared = await listImages(session, { visibility: "shared", member_status: "pending" });
      // The owner's own shared images are in every list.
      return shared.filter(({ ownerId }) => ownerId !== projectId);
    },
    image: (id) => session.find(imageCall(id, "look at an image"), GlanceImage),
    changeImage: (id, change) => changeImage(session, id, change),
    imageRoom: () => imageRoom(session),
  };
}

export function imageCall(id: string, what: string, below = ""): Call {
  return { service: "image", path: `/images/${encodeURIComponent(id)}${below}`, what };
}

function listImages(session: Session, asked: Record<string, string>): Promise<Image[]> {
  const call = { service: "image", path: `/images?${new URLSearchParams(asked)}`, what: "list images" } as const;
  return list(session, call, "images", GlanceImage);
}

/** All of it or nothing. A property that is there already is no obstacle to adding it. */
function changeImage(session: Session, id: string, change: ImageChange): Promise<Image> {
  const { properties = {}, ...own } = change;
  const body = [
    ...Object.entries(own).map(([key, value]) => ({ op: "replace", path: `/${key}`, value })),
    ...Object.entries(properties).map(([key, value]) => ({ op: "add", path: `/${key}`, value })),
  ];
  const contentType = "application/openstack-images-v2.1-json-patch";
  return session.get({ ...imageCall(id, "change an image"), method: "PATCH", body, contentType }, GlanceImage);
}

async function imageRoom(session: Session): Promise<ImageRoom | undefined> {
  const call = { service: "image", path: "/info/usage", what: "read the image quotas" } as const;
  // A Glance before Xena has no such address.
  const { usage } = Usage.safeParse((await session.ask({ ...call, accept: [400, 403, 404] })).json).data ?? {};
  const quota = (name: string): Quota | undefined => {
    const told = usage?.[name];
    return told && { used: told.usage, limit: told.limit < 0 ? null : told.limit };
  };
  const [images, size] = [quota("image_count_total"), quota("image_size_total")];
  if (!images && !size) return undefined;
  return { ...(images ? { images } : {}), ...(size ? { size_mib: size } : {}) };
}
