// The little EXIF that a photograph of the crew's page keeps: what is written is what is read, and nothing is made up.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const source = readFileSync(new URL("../../visits/static/visits/field/exif.js", import.meta.url), "utf8");
const { readExif, withExif } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xdb, 0x00, 0x04, 0x01, 0x02, 0xff, 0xd9]);

test("what is written is read again, south and west too", () => {
    const data = { make: "Maker", model: "Phone 1", software: "OS 9", taken: "2026:03:04 10:33:00", offset: "+08:00", latitude: -31.2304, longitude: -121.4737, accuracy: 12.5 };
    const found = readExif(withExif(JPEG, data));

    assert.ok(Math.abs(found.latitude - data.latitude) < 1e-6 && Math.abs(found.longitude - data.longitude) < 1e-6);
    assert.deepEqual({ ...found, latitude: 0, longitude: 0 }, { ...data, latitude: 0, longitude: 0 });
});

test("a photograph without data stays as it is", () => {
    assert.equal(withExif(JPEG, {}), JPEG);
    assert.deepEqual(readExif(JPEG), {});
});

test("the picture behind the data is unchanged", () => {
    const whole = withExif(JPEG, { make: "Maker" });

    assert.deepEqual([...whole.slice(0, 2)], [0xff, 0xd8]);
    assert.deepEqual([...whole.slice(-8)], [...JPEG.slice(2)]);
    assert.deepEqual(readExif(whole), { make: "Maker" });
});

test("data that is cut or points outside of the file says nothing instead of failing", () => {
    const whole = withExif(JPEG, { make: "Maker of cameras", latitude: 1, longitude: 2 });
    for (let length = 0; length < whole.length; length += 1) assert.equal(typeof readExif(whole.slice(0, length)), "object");
});
