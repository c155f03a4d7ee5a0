/** `image list`, `share` and `accept`: two projects of one cloud, and the images between them. */
import { describe, expect, test } from "vitest";
import { bundleId } from "../../support/rig.ts";
import { jsonLines, named, openRig, slugs, succeeds, watched } from "./watched.ts";

const demo = { name: "demo", password: "canary-demos-password", projects: ["demo"] };
const eve = { name: "eve", password: "canary-eves-password", projects: ["theirs", "second"] };
const name = `hailstack-${bundleId}`;
const digest = "0f1e2d3c4b5a".padEnd(64, "0");
const built = {
  hailstack_kind: "image",
  hailstack_bundle: bundleId,
  hailstack_built_at: "2026-01-02T03:04:05Z",
  hailstack_scripts_digest: digest,
};
const image = {
  name,
  project: "demo",
  visibility: "private" as const,
  sizeBytes: 3.5 * 2 ** 30,
  properties: built,
};
const rig = await openRig({ cloud: { images: [image, { name: "debian-12" }], users: [demo, eve] } });
const { admin, state } = rig.cloud;
const as = (project: string) =>
  rig.withEnv({ OS_USERNAME: eve.name, OS_PASSWORD: eve.password, OS_PROJECT_NAME: project });
const projectId = (wanted: string) => named(state.projects)[wanted]?.id ?? "";
const id = named(state.images)[name]?.id ?? "";

describe("list", () => {
  test("shows an image with its size and digest, used by nobody", async () => {
    const run = await watched(rig, ["image", "list"]);

    expect([run.code, run.writes, run.stored]).toEqual([0, [], []]);
    expect(run.stdout).toMatch(
      new RegExp(
        `^BUNDLE +ID +SIZE +AGE +DIGEST +VISIBILITY +STATE +USED BY\n${bundleId} +${id} +3\\.5 GiB +\\d+ \\w+ +0f1e2d3c4b5a +private +usable +-\n$`,
      ),
    );
  });

  test("shows the clusters that were made from it", async () => {
    await succeeds(rig, "create");
    const run = await watched(rig, ["image", "list", "--json"]);

    expect(run.code).toBe(0);
    expect(jsonLines(run)).toEqual([
      {
        images: [
          {
            bundle: bundleId,
            id,
            name,
            state: "usable",
            status: "active",
            size_bytes: image.sizeBytes,
            built_at: built.hailstack_built_at,
            digest,
            visibility: "private",
            owner_id: projectId("demo"),
            own: true,
            used_by: ["c1"],
          },
        ],
      },
    ]);
  });

  test("marks what is half-built or superseded, and says how it goes", async () => {
    const half = admin.addImage({
      ...image,
      name: "hailstack-build-0123456789abcdef",
      status: "queued",
      sizeBytes: null,
    });
    const old = { ...built, hailstack_superseded: "true" };
    const superseded = admin.addImage({ ...image, name: `${name}-superseded-20260101`, properties: old });
    const run = await watched(rig, ["image", "list"]);
    for (const made of [half, superseded]) admin.deleteImage(made);

    expect(run.stdout).toMatch(new RegExp(`${half} +- .* half-built +-\n`));
    expect(run.stdout).toMatch(new RegExp(`${superseded} .* superseded +-\n`));
    expect(run.stdout).toContain("hailstack image prune");
  });

  test("leaves out snapshots of servers, which have inherited all that the image says", async () => {
    const properties = { ...built, hailstack_image_id: id };
    const snapshot = admin.addImage({ ...image, name: "my-data", properties });
    const run = await watched(rig, ["image", "list"]);
    admin.deleteImage(snapshot);

    expect([run.code, run.stdout.includes(snapshot)]).toEqual([0, false]);
  });

  test("says what to do where there is none", async () => {
    const run = await as("theirs").hailstack("image", "list");

    expect([run.code, run.stdout]).toEqual([
      0,
      "No images of bundles in project 'theirs'. Build one: hailstack build-image --config <file>\n",
    ]);
  });
});

describe("share", () => {
  test.for([
    { args: [], code: 2, says: "required option '--with <projects>' not specified" },
    { args: ["--with", ", ,"], code: 2, says: "it must name at least one project" },
    {
      args: ["--with", "nowhere"],
      code: 3,
      says: "error[project-name-hidden]: 'nowhere' is no project that demo may enter",
    },
    { args: ["--with", "demo"], code: 3, says: "error[project-own]" },
    {
      args: ["--with", "a".repeat(32), "hail-0.1.0-r1"],
      code: 3,
      says: "error[image-missing]: image 'hailstack-hail-0.1.0-r1' not found",
    },
  ])("$args is refused before anything is changed", async ({ args, code, says }) => {
    const run = await watched(rig, ["image", "share", ...args]);

    expect([run.code, run.writes]).toEqual([code, []]);
    expect(run.stderr).toContain(says);
    expect(run.stderr).toContain("  fix: ");
  });

  test("tells of every project that it does not know at once", async () => {
    const run = await watched(rig, ["image", "share", "--with", "nowhere,elsewhere"]);
    expect(slugs(run)).toEqual(["project-name-hidden", "project-name-hidden"]);
  });

  test("offers the config's bundle to projects, and says who has yet to accept", async () => {
    const run = await watched(rig, ["image", "share", "--with", `${projectId("theirs")},${projectId("second")}`]);

    expect(run.code).toBe(0);
    expect(run.writes).toEqual(["image.images.update", "image.members.create", "image.members.create"]);
    expect(run.stdout).toMatch(new RegExp(`${projectId("theirs")} +pending\n`));
    expect(run.stdout).toContain(`hailstack image accept --from ${projectId("demo")} ${id}\n`);
    expect(state.images.get(id)?.visibility).toBe("shared");
  });

  test("once more changes nothing", async () => {
    const run = await watched(rig, ["image", "share", "--json", "--with", projectId("theirs"), id]);

    expect(run.code).toBe(0);
    expect(jsonLines(run)).toMatchObject([
      {
        image: id,
        bundle: bundleId,
        members: [
          { project_id: projectId("theirs"), status: "pending" },
          { project_id: projectId("second"), status: "pending" },
        ],
      },
    ]);
    expect(state.images.get(id)?.members.size).toBe(2);
  });

  test("is refused to those whose image it is not, naming the project whose it is", async () => {
    const run = await as("theirs").hailstack("image", "share", "--with", "second", id);

    expect([run.code, slugs(run)]).toEqual([3, ["image-not-owned"]]);
    expect(run.stderr).toContain(`belongs to project ${projectId("demo")}, not to theirs (${projectId("theirs")})`);
  });

  test("does not take a community image from all the others", async () => {
    const open = admin.addImage({ ...image, name: "hailstack-open", visibility: "community" });
    const run = await watched(rig, ["image", "share", "--with", projectId("theirs"), open]);
    admin.deleteImage(open);

    expect([run.code, slugs(run), run.writes]).toEqual([3, ["image-open-already"], []]);
  });

  test("does not give away an image that was never tested", async () => {
    const half = admin.addImage({ ...image, name: "hailstack-build-0123456789abcdef" });
    const run = await watched(rig, ["image", "share", "--with", projectId("theirs"), half]);
    admin.deleteImage(half);

    expect([run.code, slugs(run), run.writes]).toEqual([3, ["image-half-built"], []]);
  });
});

describe("accept", () => {
  test("the other project sees the offer", async () => {
    const run = await as("theirs").hailstack("image", "list");

    expect(run.stdout).toMatch(new RegExp(`${id} .* shared, of ${projectId("demo").slice(0, 8)} +offered +c1\n`));
    expect(run.stdout).toContain("hailstack image accept <id>");
  });

  test("is refused where nothing such is offered, with what is", async () => {
    const run = await watched(rig, () => as("theirs").hailstack("image", "accept", "hail-0.1.0-r1"));

    expect([run.code, slugs(run), run.writes]).toEqual([3, ["image-not-offered"], []]);
    expect(run.stderr).toContain(`on offer is: ${bundleId} (${id})`);
    expect(run.stderr).toContain(`hailstack image share --with ${projectId("theirs")} hailstack-hail-0.1.0-r1`);
  });

  test("takes only what the named project offers", async () => {
    const run = await watched(rig, () => as("theirs").hailstack("image", "accept", "--from", "second"));

    expect([run.code, slugs(run), run.writes]).toEqual([3, ["image-not-offered"], []]);
  });

  test("takes the config's bundle, and shows that it can be used", async () => {
    const run = await watched(rig, () => as("theirs").hailstack("image", "accept", "--from", projectId("demo")));

    expect([run.code, run.writes]).toEqual([0, ["image.members.update"]]);
    expect(run.stdout).toMatch(/^On offer:\nBUNDLE +ID +FROM +SIZE +AGE\n/);
    expect(run.stdout).toContain(`Accepted ${name} (${id}) of project ${projectId("demo")}`);
    expect(state.images.get(id)?.members.get(projectId("theirs"))?.status).toBe("accepted");
    expect((await as("theirs").hailstack("image", "list")).stdout).toMatch(/ usable +c1\n/);
  });

  test("has nothing to do the second time", async () => {
    const run = await watched(rig, () => as("theirs").hailstack("image", "accept", id, "--json"));

    expect([run.code, run.writes]).toEqual([0, []]);
    expect(jsonLines(run)).toEqual([
      { image: id, name, bundle: bundleId, owner_id: projectId("demo"), accepted: false },
    ]);
  });

  test("takes what was rejected before, by its id", async () => {
    const member = state.images.get(id)?.members.get(projectId("second"));
    if (member) member.status = "rejected";
    const run = await watched(rig, () => as("second").hailstack("image", "accept", id));

    expect([run.code, run.writes, member?.status]).toEqual([0, ["image.members.update"], "accepted"]);
  });

  test("warns when create would have to choose from now on", async () => {
    const another = admin.addImage({ ...image, project: "second", members: ["theirs"], visibility: "shared" });
    const run = await as("theirs").hailstack("image", "accept", another);
    admin.deleteImage(another);

    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`warning[image-ambiguous]: 2 active images are called '${name}' now`);
  });

  test("chooses between two offers of a bundle only by id", async () => {
    const offers = ["one", "two"].map((label) =>
      admin.addImage({
        ...image,
        name: label,
        members: ["theirs"],
        visibility: "shared",
        properties: { ...built, hailstack_bundle: "b9" },
      }),
    );
    const run = await watched(rig, () => as("theirs").hailstack("image", "accept", "b9"));
    for (const offer of offers) admin.deleteImage(offer);

    expect([run.code, slugs(run), run.writes]).toEqual([3, ["image-ambiguous"], []]);
  });
});

test("the cloud was asked for nothing that a real one would not know", () => {
  expect(rig.cloud.surprises).toEqual([]);
});
