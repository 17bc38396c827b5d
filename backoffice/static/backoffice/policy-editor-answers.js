/* Where the policy editor shows the server's answer: faults, findings and counts at their rows. */
(() => {
    const { SECTIONS } = window.PolicyModel;
    const NONE = Object.freeze([]);

    window.PolicyEditorParts = window.PolicyEditorParts || {};
    window.PolicyEditorParts.answers = {
        faultsAt(path) {
            return this.faults.filter((fault) => fault.path === path);
        },
        faultsOf(row) {
            if (row.type === "add" || !this.faults.length) return NONE;
            const own = row.type === "leaf"
                ? (p) => p === row.path || p === row.inner || (p.startsWith(`${row.inner}.`) && /^\.(feature|op|value)/.test(p.slice(row.inner.length)))
                : (p) => p === row.path || p === row.inner || p === `${row.inner}.${row.node.kind}`;
            return this.faults.filter((fault) => own(fault.path));
        },
        faultyField(row, field) {
            return this.faults.some((fault) => fault.path.startsWith(`${row.inner}.${field}`));
        },
        ruleFaults(path) {
            return this.faults.filter((fault) => fault.path === path || fault.path.startsWith(`${path}.`));
        },
        under(path) {
            return this.findings.filter((finding) => finding.paths[0] === path || finding.paths[0]?.startsWith(`${path}.`));
        },
        noted(row) {
            return this.findingsAt[row.path] || this.findingsAt[row.inner] || NONE;
        },
        hits(path) {
            return this.counts?.parts[path] || null;
        },
        number(value) {
            return value === null || value === undefined ? "" : Number(value).toLocaleString("en-US");
        },
        hitsText(hit) {
            return hit ? `${this.counts.is_estimate ? "≈ " : ""}${this.number(hit.now)}` : "";
        },
        hitsHint(hit) {
            if (!hit || !this.counts.is_estimate) return "";
            return this.texts.between.replace("{low}", this.number(hit.low)).replace("{high}", this.number(hit.high));
        },
        width(hit) {
            const most = Math.max(1, this.counts?.accounts.now || 1);
            return `width: ${Math.min(100, (100 * (hit?.now || 0)) / most).toFixed(1)}%`;
        },
        goTo(path) {
            let place = path;
            for (const section of SECTIONS) {
                const match = new RegExp(`^${section}\\[(\\d+)\\]`).exec(path);
                if (match && this.model[section][match[1]]) this.model[section][match[1]].open = true;
            }
            this.view = "form";
            this.$nextTick(() => {
                while (place) {
                    const found = this.$root.querySelector(`[data-path="${CSS.escape(place)}"]`);
                    if (found) {
                        found.scrollIntoView({ block: "center", behavior: "smooth" });
                        (found.matches("input, select") ? found : found.querySelector("input, select"))?.focus({ preventScroll: true });
                        found.classList.add("pe-flash");
                        setTimeout(() => found.classList.remove("pe-flash"), 1600);
                        return;
                    }
                    const shorter = place.replace(/(\.[^.[\]]+|\[\d+\])$/, "");
                    place = shorter === place ? "" : shorter;
                }
            });
        },
        openAll(open) {
            for (const section of SECTIONS) for (const rule of this.model[section]) rule.open = open;
        },
    };
})();
