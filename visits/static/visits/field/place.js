// Where the telephone is, with how exactly it knows that.
import { t } from "./page.js";

/** Return the position now as the server takes it. Throws an Error with words for the reader if there is none. */
export function here({ seconds = 30, oldest = 0 } = {}) {
    if (!navigator.geolocation) return Promise.reject(new Error(t("noGeolocation")));
    return new Promise((resolve, reject) => {
        navigator.geolocation.getCurrentPosition(
            ({ coords, timestamp }) => resolve({
                external_ref: crypto.randomUUID(),
                latitude: coords.latitude,
                longitude: coords.longitude,
                accuracy_m: Math.round(coords.accuracy * 10) / 10,
                device_at: new Date(Math.min(timestamp || Date.now(), Date.now())).toISOString(),
            }),
            (error) => reject(new Error(t(error.code === 1 ? "positionForbidden" : "positionUnknown"))),
            { enableHighAccuracy: true, timeout: seconds * 1000, maximumAge: oldest * 1000 },
        );
    });
}

/** Return the metres between two positions. */
export function metres(one, other) {
    const radians = Math.PI / 180, height = (other.latitude - one.latitude) * radians;
    const width = (other.longitude - one.longitude) * radians * Math.cos(one.latitude * radians);
    return 6_371_000 * Math.hypot(height, width);
}
