/* Hours of the timetable: minutes of the day as text and as places on a row, and what a change of a route reads like. */
(function () {
    "use strict";
    const STEP = 5;

    /** Return a minute of the day as "9:05" is written: "09:05". */
    function clock(minute) {
        const hour = Math.floor(minute / 60), rest = minute % 60;
        return `${String(hour).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
    }

    /** Return the minute of the day that "09:05" names, or null. */
    function minuteOf(text) {
        const found = /^(\d{1,2}):(\d{2})$/.exec(text);
        if (!found) return null;
        const minute = Number(found[1]) * 60 + Number(found[2]);
        return Number(found[2]) < 60 && minute < 1440 ? minute : null;
    }

    /** Return where a minute stands on a row from `opens` to `closes`, in percent of its width. */
    function percent(minute, { opens, closes }) {
        return 100 * (minute - opens) / (closes - opens);
    }

    /** Return the minute at a share (0 to 1) of a row, in steps of five minutes, so that a visit fits before the end. */
    function minuteAt(share, { opens, closes, service }) {
        const minute = opens + share * (closes - opens);
        const stepped = Math.round(minute / STEP) * STEP;
        return Math.min(Math.max(stepped, opens), closes - service);
    }

    /** Return words with {name} replaced by values. */
    function fill(words, values) {
        return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
    }

    /** Return metres as kilometres with one digit; with `signed` more has a plus. */
    function km(metres, words, signed = false) {
        const value = (Math.abs(metres) / 1000).toFixed(1);
        const sign = Number(value) === 0 ? (signed ? "±" : "") : metres < 0 ? "−" : signed ? "+" : "";
        return fill(words.km, { km: `${sign}${value}` });
    }

    /** Return minutes; with `signed` more has a plus. */
    function minutes(count, words, signed = false) {
        const sign = count === 0 ? (signed ? "±" : "") : count < 0 ? "−" : signed ? "+" : "";
        return fill(words.minutes, { minutes: `${sign}${Math.abs(count)}` });
    }

    /** Return the corners of the smallest convex shape around points [latitude, longitude], counter-clockwise. */
    function hull(points) {
        const sorted = [...new Map(points.map((point) => [point.join(), point])).values()]
            .sort((one, other) => one[1] - other[1] || one[0] - other[0]);
        if (sorted.length < 3) return sorted;
        const turns = (a, b, c) => (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1]);
        const half = (list) => {
            const kept = [];
            for (const point of list) {
                while (kept.length > 1 && turns(kept[kept.length - 2], kept[kept.length - 1], point) <= 0) kept.pop();
                kept.push(point);
            }
            kept.pop();
            return kept;
        };
        return [...half(sorted), ...half([...sorted].reverse())];
    }

    window.DayDesk = Object.assign(window.DayDesk || {}, { clock, minuteOf, percent, minuteAt, fill, km, minutes, hull });
})();
