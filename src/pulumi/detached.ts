/** Values that have forgotten which resources they came from. */
import * as pulumi from "@pulumi/pulumi";

/** What every output has and the SDK's types leave out. */
type Inner<T> = { isKnown: Promise<boolean>; promise(): Promise<T> };

/**
 * The same value, for inputs of many resources. An output brings its origins along, and each resource it goes into
 * records all of them: with a thousand ports behind the user data of a thousand servers, a million lines of state
 * and gigabytes of memory. Whoever gets this is still made after them.
 */
export function detached<T>(output: pulumi.Output<T>): pulumi.Output<T> {
  const { isKnown, promise } = output as unknown as Inner<T>;
  // In a preview, what is not made yet is unknown and must stay so.
  const value: Promise<unknown> = isKnown.then((known) => (known ? promise() : pulumi.unknown));
  return pulumi.output(value) as pulumi.Output<T>;
}
