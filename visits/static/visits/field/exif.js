// What a camera wrote into a JPEG: read before the photograph is made smaller, and the little that counts written back.
const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };
const IFD_EXIF = 0x8769, IFD_GPS = 0x8825;
const TEXTS = { 0x010f: "make", 0x0110: "model", 0x0131: "software", 0x0132: "changed", 0x9003: "taken", 0x9011: "offset" };

/** Return {make, model, software, changed, taken, offset, latitude, longitude, accuracy}, each where the JPEG has it. */
export function readExif(bytes) {
    const view = new DataView(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
    try {
        const start = exifStart(view);
        return start === null ? {} : readTiff(new DataView(view.buffer, view.byteOffset + start, view.byteLength - start));
    } catch (error) {
        // A header that points outside of the file says nothing.
        if (error instanceof RangeError) return {};
        throw error;
    }
}

function exifStart(view) {
    if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
    for (let at = 2; at + 4 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
        const marker = view.getUint16(at);
        if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
        if (marker >> 8 !== 0xff || marker === 0xffda) return null;
    }
    return null;
}

function readTiff(view) {
    const little = view.getUint16(0) === 0x4949;
    const found = {};
    const first = readDirectory(view, view.getUint32(4, little), little);
    for (const directory of [first, first[IFD_EXIF] && readDirectory(view, first[IFD_EXIF], little)]) {
        for (const [tag, name] of Object.entries(TEXTS)) if (typeof directory?.[tag] === "string" && directory[tag]) found[name] = directory[tag];
    }
    const gps = first[IFD_GPS] ? readDirectory(view, first[IFD_GPS], little) : {};
    const latitude = degrees(gps[2], gps[1], "S"), longitude = degrees(gps[4], gps[3], "W");
    if (latitude !== null && longitude !== null) Object.assign(found, { latitude, longitude });
    if (Array.isArray(gps[31]) && Number.isFinite(gps[31][0])) found.accuracy = gps[31][0];
    return found;
}

function readDirectory(view, at, little) {
    const found = {}, count = Math.min(view.getUint16(at, little), 200);
    for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
        const tag = view.getUint16(entry, little), type = view.getUint16(entry + 2, little), length = view.getUint32(entry + 4, little);
        const bytes = (SIZES[type] ?? 0) * length;
        if (!bytes || bytes > 2000) continue;
        const where = bytes <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
        found[tag] = readValue(view, where, type, length, little);
    }
    return found;
}

function readValue(view, at, type, length, little) {
    if (type === 2) {
        const text = new Uint8Array(view.buffer, view.byteOffset + at, length);
        return new TextDecoder("latin1").decode(text).split("\0")[0].trim();
    }
    if (type === 3) return view.getUint16(at, little);
    if (type === 4) return view.getUint32(at, little);
    if (type !== 5) return null;
    return Array.from({ length }, (_, n) => view.getUint32(at + n * 8, little) / view.getUint32(at + n * 8 + 4, little));
}

function degrees(parts, reference, negative) {
    if (!Array.isArray(parts) || parts.length !== 3 || !parts.every(Number.isFinite)) return null;
    const value = parts[0] + parts[1] / 60 + parts[2] / 3600;
    return reference === negative ? -value : value;
}

const text = (value) => {
    const bytes = new TextEncoder().encode(`${value.slice(0, 120)}\0`);
    return { type: 2, length: bytes.length, bytes };
};

function rationals(...values) {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, n) => {
        view.setUint32(n * 8, Math.round(value * 10_000));
        view.setUint32(n * 8 + 4, 10_000);
    });
    return { type: 5, length: values.length, bytes: new Uint8Array(view.buffer) };
}

const pointer = (to) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, to);
    return { type: 4, length: 1, bytes: new Uint8Array(view.buffer) };
};

const sizeOf = (entries) => 2 + entries.length * 12 + 4 + entries.reduce((sum, [, value]) => sum + (value.bytes.length > 4 ? value.bytes.length : 0), 0);

function writeDirectory(target, at, entries) {
    const view = new DataView(target.buffer);
    let spill = at + 2 + entries.length * 12 + 4;
    view.setUint16(at, entries.length);
    entries.forEach(([tag, value], n) => {
        const entry = at + 2 + n * 12;
        view.setUint16(entry, tag);
        view.setUint16(entry + 2, value.type);
        view.setUint32(entry + 4, value.length);
        if (value.bytes.length <= 4) target.set(value.bytes, entry + 8);
        else {
            view.setUint32(entry + 8, spill);
            target.set(value.bytes, spill);
            spill += value.bytes.length;
        }
    });
}

function sexagesimal(value) {
    const whole = Math.floor(Math.abs(value)), minutes = (Math.abs(value) % 1) * 60;
    return rationals(whole, Math.floor(minutes), (minutes % 1) * 60);
}

/** Return the JPEG with an EXIF block that holds what `data` has (as `readExif` returns it) and nothing else. */
export function withExif(jpeg, data) {
    const first = [[0x010f, data.make], [0x0110, data.model], [0x0131, data.software], [0x0132, data.changed]]
        .filter(([, value]) => value).map(([tag, value]) => [tag, text(value)]);
    const camera = [[0x9003, data.taken], [0x9011, data.offset]].filter(([, value]) => value).map(([tag, value]) => [tag, text(value)]);
    const gps = Number.isFinite(data.latitude) && Number.isFinite(data.longitude) ? [
        [1, text(data.latitude < 0 ? "S" : "N")], [2, sexagesimal(data.latitude)],
        [3, text(data.longitude < 0 ? "W" : "E")], [4, sexagesimal(data.longitude)],
        ...(Number.isFinite(data.accuracy) ? [[31, rationals(data.accuracy)]] : []),
    ] : [];
    if (!first.length && !camera.length && !gps.length) return jpeg;
    const head = [...first, ...(camera.length ? [[IFD_EXIF, pointer(0)]] : []), ...(gps.length ? [[IFD_GPS, pointer(0)]] : [])];
    const cameraAt = 8 + sizeOf(head), gpsAt = cameraAt + (camera.length ? sizeOf(camera) : 0);
    const tiff = new Uint8Array(gpsAt + (gps.length ? sizeOf(gps) : 0));
    tiff.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8]);
    writeDirectory(tiff, 8, head.map(([tag, value]) => [tag, tag === IFD_EXIF ? pointer(cameraAt) : tag === IFD_GPS ? pointer(gpsAt) : value]));
    if (camera.length) writeDirectory(tiff, cameraAt, camera);
    if (gps.length) writeDirectory(tiff, gpsAt, gps);
    const block = new Uint8Array(10 + tiff.length);
    block.set([0xff, 0xe1, (tiff.length + 8) >> 8, (tiff.length + 8) & 0xff, 0x45, 0x78, 0x69, 0x66, 0, 0]);
    block.set(tiff, 10);
    const whole = new Uint8Array(jpeg.length + block.length);
    whole.set(jpeg.subarray(0, 2));
    whole.set(block, 2);
    whole.set(jpeg.subarray(2), 2 + block.length);
    return whole;
}
