/** A relay between somebody who speaks as the engine does and a real store, on a way where things can go wrong. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type HeadObjectCommandOutput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { openRelay, type Relay } from "../../src/s3/relay.ts";
import type { BucketSettings } from "../../src/world.ts";
import { startFaultyProxy, type FaultyProxy } from "./faulty-proxy.ts";
import { s3Client } from "./s3.ts";
import { makeBucket, type Store } from "./stores.ts";

/** Of the checkpoint. */
export const key = ".pulumi/stacks/hailstack/hailstack-c1.json";
export const lock = ".pulumi/locks/organization/hailstack/hailstack-c1/1.json";

export type RelayRig = {
  /** Between relay and store. */
  proxy: FaultyProxy;
  relay: Relay;
  /** Where the relay listens. */
  endpoint: string;
  settings: BucketSettings;
  /** Through the relay. It tries once, so that a refusal is seen as it is. */
  engine: S3Client;
  /** Past it. */
  direct: S3Client;
  /** Text of the state that the store would not take; undefined while there is none. */
  kept(): string | undefined;
  /** Seconds told while it waited. */
  waited: number[];
  put(body: string, objectKey?: string): Promise<unknown>;
  head(client: S3Client, objectKey?: string): Promise<HeadObjectCommandOutput>;
  /** The listing that the engine asks for. */
  list(client: S3Client): Promise<ListObjectsV2CommandOutput>;
  backUp(): Promise<unknown>;
  remove(objectKey: string): Promise<unknown>;
  /** What the engine does after each of its steps. */
  save(body: string): Promise<void>;
  /** What the store holds. */
  stored(objectKey?: string): Promise<string | undefined>;
  /** Methods of the requests that reach the store while `work` goes on. */
  asked(work: () => Promise<unknown>): Promise<string[]>;
  stop(): Promise<void>;
};

export async function startRelay(store: Store, patienceMs = 20_000): Promise<RelayRig> {
  const { settings, remove: removeBucket } = await makeBucket(store);
  const proxy = await startFaultyProxy(store.endpoint);
  const waited: number[] = [];
  let kept: string | undefined;
  const relay = await openRelay({
    bucket: { ...settings, endpoint: proxy.endpoint },
    fetch,
    checkpointKey: key,
    onWaiting: (seconds) => void waited.push(seconds),
    keep: async (state) => {
      kept = Buffer.from(state).toString();
      return "/kept/here";
    },
    discard: async () => void (kept = undefined),
    patienceMs,
    lockEveryMs: 0,
  });
  const { AWS_ACCESS_KEY_ID: access_key, AWS_SECRET_ACCESS_KEY: secret_key, PULUMI_BACKEND_URL } = relay.env;
  const endpoint = new URL(PULUMI_BACKEND_URL).searchParams.get("endpoint") ?? "";
  const { bucket: Bucket } = settings;
  const engine = s3Client({ endpoint, bucket: Bucket, access_key, secret_key }, 1);
  const direct = s3Client(settings);
  const put = (Body: string, Key = key) => engine.send(new PutObjectCommand({ Bucket, Key, Body }));
  const head = (client: S3Client, Key = key) => client.send(new HeadObjectCommand({ Bucket, Key }));
  const list = (client: S3Client) =>
    client.send(new ListObjectsV2Command({ Bucket, Prefix: key, Delimiter: "/", MaxKeys: 1000 }));
  const backUp = () => {
    const CopySource = encodeURIComponent(`${Bucket}/${key}`);
    return engine.send(new CopyObjectCommand({ Bucket, Key: `${key}.bak`, CopySource }));
  };

  return {
    proxy,
    relay,
    endpoint,
    settings,
    engine,
    direct,
    kept: () => kept,
    waited,
    put,
    head,
    list,
    backUp,
    remove: (Key) => engine.send(new DeleteObjectCommand({ Bucket, Key })),
    async save(body) {
      await list(engine);
      const there = await head(engine).catch(() => undefined);
      if (there) await backUp();
      await put(body);
    },
    async stored(Key = key) {
      const { Body } = await direct.send(new GetObjectCommand({ Bucket, Key }));
      return Body?.transformToString();
    },
    async asked(work) {
      const before = proxy.passed.length;
      await work();
      return proxy.passed.slice(before).map(({ method }) => method);
    },
    async stop() {
      engine.destroy();
      await relay.close();
      await proxy.stop();
      await removeBucket();
      direct.destroy();
    },
  };
}
