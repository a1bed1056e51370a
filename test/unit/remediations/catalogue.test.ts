import { expect, test } from "@jest/globals";
import { catalogue } from "../../../src/catalogue.generated.ts";

test("the names that scripts and dashboards go by stay; others may be added", () => {
  const published = [
    ...["thinpool-missing", "thinpool-unhealthy", "snapshotter-not-loaded", "macvtap-unavailable", "bridge-name-missing"],
    ...["parent-iface-missing", "parent-device-missing", "service-down", "service-crash-loop", "flintlockd-stalled", "tap-detached"],
    ...["microvm-not-started", "microvm-pid-reused", "microvm-gave-up"],
  ];
  expect(catalogue.map(({ id }) => id)).toEqual(expect.arrayContaining(published));
});
