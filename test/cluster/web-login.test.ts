import { expect, test } from "vitest";
import { newWebSalts, webLogin } from "../../src/cluster/web-login.ts";

const salts = {
  nginx: Buffer.from("0123456789abcdef").toString("base64"),
  jupyter: Buffer.from("fedcba9876543210").toString("base64"),
};

test("the hashes are those of nginx's library and of Jupyter's", async () => {
  // Taken by htpasswd, by libcrypt and by Python's argon2.
  expect(await webLogin('canary "&ü password', salts)).toEqual({
    htpasswd: "hailstack:$2y$06$KBCwKxOzLha2MUDgW0PjXeRS59Vk3eOCgpgb/xxjZ2Ovs1LElH3CK",
    jupyter_hash:
      "argon2:$argon2id$v=19$m=10240,t=10,p=8$ZmVkY2JhOTg3NjU0MzIxMA$GeeLzbgnv+VzqKdtHBwQi4RaoS/nJIs6Qrvuel+WVvw",
    session: "ovu4-MQCtgedf6DXuDROPcsxtjWM1gUTsVtbsJmnoC0",
  });
});

test("a password that is longer than bcrypt looks at counts whole for Jupyter", async () => {
  const long = await webLogin("x".repeat(100), salts);
  const longer = await webLogin("x".repeat(101), salts);
  expect(long.htpasswd).toBe("hailstack:$2y$06$KBCwKxOzLha2MUDgW0PjXe4Q7l/lOHqV5HRbv4LSsr/Z4Qeg4piOS");
  expect(longer.htpasswd).toBe(long.htpasswd);
  expect(longer.jupyter_hash).not.toBe(long.jupyter_hash);
  expect(longer.session).not.toBe(long.session);
});

test("salts are 16 random bytes each", () => {
  let next = 0;
  const made = newWebSalts((count) => new Uint8Array(count).fill((next += 1)));
  expect(Buffer.from(made.nginx, "base64")).toEqual(Buffer.alloc(16, 1));
  expect(Buffer.from(made.jupyter, "base64")).toEqual(Buffer.alloc(16, 2));
});
