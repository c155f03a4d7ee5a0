import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [...exclude, "test/engine/**", "test/cluster-e2e/**", "test/acceptance/**"],
          sequence: { shuffle: true },
          testTimeout: 30_000,
        },
      },
      {
        test: {
          // The real engine, plugin and S3 server: a few at a time, each with a cloud of its own.
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          exclude,
          globalSetup: ["test/support/s3-server.ts"],
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          // Clusters of real nodes, one at a time and when all else is done; the first ever bakes their image.
          name: "nodes",
          include: ["test/cluster-e2e/**/*.test.ts"],
          exclude,
          globalSetup: ["test/support/s3-server.ts", "test/web/chromium.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
