// A map without tiles: the doors in the order of the day and one's own position, drawn from coordinates.
import { svg } from "./dom.js";
import { t } from "./page.js";
import { metres } from "./place.js";

const WIDTH = 328, HEIGHT = 220, EDGE = 28;
const STEPS = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

/** Return a function from a position to a point of the drawing; one scale for both directions. */
export function projection(places) {
    const latitudes = places.map((each) => each.latitude), longitudes = places.map((each) => each.longitude);
    const middle = { latitude: (Math.min(...latitudes) + Math.max(...latitudes)) / 2, longitude: (Math.min(...longitudes) + Math.max(...longitudes)) / 2 };
    const shrink = Math.cos((middle.latitude * Math.PI) / 180);
    const high = Math.max(...latitudes) - Math.min(...latitudes), wide = (Math.max(...longitudes) - Math.min(...longitudes)) * shrink;
    // Two doors of one house still lie apart enough to be seen: no closer than 200 metres fill the drawing.
    const scale = Math.min((WIDTH - 2 * EDGE) / Math.max(wide, 0.0018), (HEIGHT - 2 * EDGE) / Math.max(high, 0.0018));
    const to = (place) => [
        WIDTH / 2 + (place.longitude - middle.longitude) * shrink * scale,
        HEIGHT / 2 - (place.latitude - middle.latitude) * scale,
    ];
    return { to, metresWide: (WIDTH / scale) * 111_195 };
}

/** Return the drawing of `doors` ([{number, latitude, longitude, done}]) and of one's own position, or null without doors. */
export function drawMap({ doors, own }) {
    if (!doors.length) return null;
    const { to, metresWide } = projection(own ? [...doors, own] : doors);
    const bar = STEPS.filter((step) => step < metresWide / 2).pop() ?? STEPS[0];
    const barWidth = (bar / metresWide) * WIDTH;
    const points = doors.map((door) => to(door).map((value) => value.toFixed(1)).join(",")).join(" ");
    const label = t("mapLabel", { n: doors.length });
    return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "map", role: "img", "aria-label": label },
        svg("polyline", { points, class: "way" }),
        doors.map((door) => {
            const [x, y] = to(door);
            return svg("g", { class: door.done ? "door done" : "door" }, svg("circle", { cx: x, cy: y, r: 13 }), svg("text", { x, y: y + 5 }, String(door.number)));
        }),
        own && svg("circle", { cx: to(own)[0], cy: to(own)[1], r: 7, class: "own" }),
        svg("path", { d: `M12 ${HEIGHT - 12}h${barWidth.toFixed(1)}`, class: "bar" }),
        svg("text", { x: 12, y: HEIGHT - 18, class: "scale" }, bar < 1000 ? `${bar} m` : `${bar / 1000} km`));
}

/** Return the way from one's own position to a door in words, or an empty text. */
export function distance(own, door) {
    if (!own || !door?.latitude) return "";
    const far = metres(own, door);
    return far < 1000 ? `${Math.round(far / 10) * 10} m` : `${(far / 1000).toFixed(1)} km`;
}
