/** The one place that says which version this is; a test holds package.json to it. */
export const version = "0.1.0";
