/** Images given to other projects: https://docs.openstack.org/api-ref/image/v2/#sharing */
import * as z from "zod";
import type { Cloud, ImageMember } from "../world.ts";
import { imageCall } from "./image.ts";
import type { Session } from "./session.ts";

const GlanceMember = z
  .object({ member_id: z.string(), status: z.enum(["pending", "accepted", "rejected"]) })
  .transform(({ member_id, status }): ImageMember => ({ projectId: member_id, status }));
const Members = z.object({ members: z.array(GlanceMember) });

/** What `Cloud` says about the members of images. */
export function openImageSharing(session: Session): Pick<Cloud, "imageMembers" | "shareImage" | "acceptImage"> {
  return {
    async imageMembers(id) {
      const call = imageCall(id, "list the projects an image is shared with", "/members");
      return (await session.get(call, Members)).members;
    },
    async shareImage(id, projectId) {
      const call = imageCall(id, "share an image", "/members");
      // 409: it is a member already, perhaps by the attempt whose answer was lost.
      await session.ask({ ...call, method: "POST", body: { member: projectId }, accept: [409], repeatable: true });
    },
    async acceptImage(id) {
      const call = imageCall(id, "accept an image", `/members/${session.identity.projectId}`);
      await session.ask({ ...call, method: "PUT", body: { status: "accepted" } });
    },
  };
}
