/* The map of a day: districts by name, routes as lines, stops as numbered markers, bases as squares. Tiles are optional. */
(function () {
    "use strict";
    const COLOURS = ["#0f766e", "#b45309", "#1d4ed8", "#be185d", "#4d7c0f", "#7e22ce", "#0e7490", "#a16207", "#be123c", "#15803d", "#4338ca", "#9a3412"];
    const CHINA = [[20, 98], [46, 127]];

    /** Return the colour of the crew with this number. */
    function colour(number) { return COLOURS[number % COLOURS.length]; }

    function icon(className, text, shade) {
        const mark = document.createElement("span");
        mark.className = className;
        mark.textContent = text;
        if (shade) mark.style.setProperty("--crew", shade);
        return window.L.divIcon({ className: "dd-pin", html: mark, iconSize: [26, 26], iconAnchor: [13, 13] });
    }

    /** Make the map in `element`. `onStop(order)` is called for a marker, `onPlace([latitude, longitude])` for a click elsewhere. */
    function makeMap(element, { tiles, credit, words, onStop, onPlace }) {
        const L = window.L, map = L.map(element, { zoomSnap: 0.25, attributionControl: Boolean(tiles) });
        if (tiles) {
            map.attributionControl.setPrefix(false);
            L.tileLayer(tiles, { attribution: credit, maxZoom: 19 }).addTo(map);
        }
        map.fitBounds(CHINA);
        const layer = L.layerGroup().addTo(map);
        let picked = null;
        map.on("click", (event) => onPlace([event.latlng.lat, event.latlng.lng]));

        function district(each) {
            const corners = window.DayDesk.hull(each.places);
            const look = { color: "#94a3b8", weight: 26, opacity: 0.18, fillColor: "#94a3b8", fillOpacity: 0.12, interactive: false, lineJoin: "round", lineCap: "round" };
            // The name stands above the shape, where no marker covers it.
            const above = [Math.max(...each.places.map(([lat]) => lat)), each.places.reduce((sum, [, lon]) => sum + lon / each.places.length, 0)];
            if (corners.length > 2) L.polygon(corners, look).addTo(layer);
            else L.polyline(corners.length > 1 ? corners : [corners[0], corners[0]], look).addTo(layer);
            L.marker(above, { interactive: false, keyboard: false, zIndexOffset: -1000, icon: L.divIcon({ className: "dd-district", html: text(each.name), iconSize: [120, 20], iconAnchor: [60, 36] }) }).addTo(layer);
        }

        function text(words) {
            const mark = document.createElement("span");
            mark.textContent = words;
            return mark;
        }

        function draw(state, { selected = null, fit = false } = {}) {
            layer.clearLayers();
            const all = [];
            for (const each of state.districts) district(each);
            state.crews.forEach((crew, number) => {
                const shade = colour(number);
                const stops = state.stops.filter((stop) => stop.crew === crew.key && stop.place);
                const path = stops.map((stop) => stop.place);
                if (crew.base && stops.length) {
                    path.unshift(crew.base);
                    path.push(crew.base);
                }
                if (path.length > 1) L.polyline(path, { color: shade, weight: 3, opacity: 0.75, interactive: false }).addTo(layer);
                if (crew.base && stops.length) {
                    L.marker(crew.base, { icon: icon("dd-base", "", shade), title: window.DayDesk.fill(words.base, { crew: crew.label }), keyboard: false }).addTo(layer);
                }
                for (const stop of stops) {
                    const mark = L.marker(stop.place, {
                        icon: icon(`dd-stop-mark dd-${stop.stage}${stop.order === selected ? " dd-chosen" : ""}`, stop.number || "·", shade),
                        title: `${stop.ref} · ${window.DayDesk.clock(stop.minute)} · ${stop.district} · ${crew.label}`,
                        zIndexOffset: stop.order === selected ? 1000 : 0,
                    });
                    mark.on("click", () => onStop(stop.order)).addTo(layer);
                }
                all.push(...path);
            });
            for (const each of state.candidates) {
                const mark = L.marker(each.place, { icon: icon(`dd-waiting${each.order === selected ? " dd-chosen" : ""}`, "", ""), title: `${each.ref} · ${each.district} · ${words.toPlan}` });
                mark.on("click", () => onStop(each.order)).addTo(layer);
                all.push(each.place);
            }
            if (picked) L.marker(picked, { icon: icon("dd-picked", "+", "") }).addTo(layer);
            if (fit && all.length) map.fitBounds(L.latLngBounds(all).pad(0.08), { maxZoom: 14 });
        }

        return { draw, pick(place) { picked = place; }, map };
    }

    window.DayDesk = Object.assign(window.DayDesk || {}, { colour, makeMap });
})();
