import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { isPublicAddress, publicLookup, type Resolve } from "../../src/lib/public-address-node.ts";
import { startUpstream, type Upstream } from "../helpers/upstream.ts";

describe("an address is public", () => {
  it.each(["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.0.1"])(
    "%s",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  it.each(["2606:4700::1111", "[2a00:1450::1]", "2003::1", "3fff:1000::1"])("%s", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );
});

describe("an address is not public", () => {
  it.each([
    ...["0.0.0.0", "10.1.2.3", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1"],
    ...["172.31.255.255", "192.168.0.1", "100.64.0.1", "198.18.0.1", "224.0.0.1"],
    ...["255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.0.0.8", "240.0.0.1"],
    ...["192.88.99.1"],
  ])("%s", (address) => expect(isPublicAddress(address)).toBe(false));
  it.each([
    ...["::", "::1", "[::1]", "::ffff:127.0.0.1", "[::ffff:7f00:1]", "::127.0.0.1", "fe80::1"],
    ...["febf::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::1"],
    ...["2001:db8::1", "100::1", "fec0::1", "feff::1", "3fff::1", "3fff:fff::1", "5f00::1"],
  ])("%s", (address) => expect(isPublicAddress(address)).toBe(false));
});

describe("a connection whose address is to be checked", () => {
  let upstream: Upstream;
  const client = createUndiciClient();
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterAll(() => Promise.all([client.close(), upstream.close()]));

  const get = (host: string, checkAddress: boolean) => {
    const { signal } = new AbortController();
    const url = `http://${host}:${new URL(upstream.url).port}/`;
    return client.get({ url, headers: {}, signal, maxBytes: 100, checkAddress });
  };

  it.each([
    ...["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0"],
    ...["[::1]", "[::ffff:127.0.0.1]", "[::]", "localhost", "LOCALHOST"],
  ])("is not made to %s", async (host) => {
    await expect(get(host, true)).rejects.toMatchObject({
      name: "SourceError",
      code: "bad_response",
      message: "the source answered with something that cannot be used",
    });
    expect(upstream.requests).toHaveLength(0);
    expect(upstream.openSockets()).toBe(0);
  });

  it("is not made over one that was opened unchecked", async () => {
    expect(await get("localhost", false)).toMatchObject({ status: 200 });
    await expect(get("localhost", true)).rejects.toMatchObject({ code: "bad_response" });
    expect(upstream.requests).toHaveLength(1);
  });

  it.each<[string, string[]]>([
    ["leads here", ["127.0.0.1"]],
    ["has one address here among several", ["93.184.215.14", "127.0.0.1"]],
    ["has none", []],
  ])("is not made to a name that %s", async (_name, addresses) => {
    const before = upstream.requests.length;
    const resolving = resolverOf(addresses);
    await expect(getNamed(resolving)).rejects.toMatchObject({ code: "bad_response" });
    expect(resolving).toHaveBeenCalledTimes(1);
    expect(upstream.requests).toHaveLength(before);
  });

  it("is judged by the answer of the resolver that it is made with, not by an earlier one", () => {
    const resolving = resolverOf(["93.184.215.14"], ["127.0.0.1"]);
    const errors: unknown[] = [];
    const lookup = publicLookup(resolving);
    for (let i = 0; i < 2; i += 1) {
      lookup("rebound.example", { all: true }, (error) => errors.push(error));
    }
    expect(errors).toEqual([null, expect.objectContaining({ code: "bad_response" })]);
  });

  async function getNamed(resolve: Resolve): Promise<unknown> {
    const resolvingClient = createUndiciClient({ resolve });
    const url = `http://rebound.example:${new URL(upstream.url).port}/`;
    const { signal } = new AbortController();
    const request = { url, headers: {}, signal, maxBytes: 100, checkAddress: true };
    return resolvingClient.get(request).finally(() => resolvingClient.close());
  }
});

/** Gives one answer after the other. */
function resolverOf(...answers: string[][]) {
  return vi.fn<Resolve>((_hostname, _options, callback) => {
    const addresses = answers.shift() ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  });
}
