/* The policy editor: a form over the body, checked by the server after every pause. Needs policy-model.js. */
document.addEventListener("alpine:init", () => {
    const { EFFECTS, SECTIONS, canonical, copyRule, copyTree, leafNode, modelOf, bodyOf, rowsOf, ruleOf, setValue } = window.PolicyModel;
    const PAUSE = 400;
    const MOST_OPEN = 14;
    // Frozen: what never changes in place is not watched, and hundreds of rows ask it again and again.
    const read = (id) => Object.freeze(JSON.parse(document.getElementById(id).textContent));
    const NONE = Object.freeze([]);
    const byPath = (findings) => {
        const found = {};
        for (const finding of findings) {
            for (const path of new Set(finding.paths)) (found[path] = found[path] || []).push(finding);
        }
        return Object.freeze(found);
    };
    const CODE = /^[A-Z][A-Z0-9_]{1,39}$/;

    window.Alpine.data("policyEditor", () => ({
        data: read("policy-data"),
        texts: read("policy-texts"),
        model: null,
        note: "",
        segment: "",
        updatedAt: null,
        saved: "",
        seen: "",
        history: [],
        pointer: -1,
        faults: NONE,
        sentences: {},
        findings: NONE,
        findingsAt: {},
        counts: null,
        countsNote: "",
        checking: false,
        counting: false,
        problem: "",
        saving: false,
        conflict: "",
        toast: "",
        backup: null,
        view: "form",
        json: "",
        jsonNote: "",

        init() {
            this.features = Object.freeze(Object.fromEntries(this.data.features.map((f) => [f.name, f])));
            this.updatedAt = this.data.updated_at;
            this.load(this.data.body, this.data.note, this.data.segment);
            // A page of hundreds of rows is slow to build and to read: long policies begin closed, each rule as its sentence.
            if (SECTIONS.reduce((sum, section) => sum + this.model[section].length, 0) > MOST_OPEN) this.openAll(false);
            // What the form writes back is the reference: the server's own spelling may differ where it means the same.
            this.saved = this.text();
            this.seen = this.saved;
            this.mark();
            this.offerBackup();
            this.check();
            window.Alpine.effect(() => {
                const text = this.text();
                queueMicrotask(() => this.changed(text));
            });
            window.addEventListener("beforeunload", (event) => {
                if (this.dirty) event.preventDefault();
            });
            window.addEventListener("keydown", (event) => this.keys(event));
        },

        /* --- the body --- */
        load(body, note, segment) {
            this.model = modelOf(body, this.features);
            this.note = note;
            this.segment = segment;
        },
        body() {
            return bodyOf(this.model, this.features);
        },
        text() {
            return JSON.stringify({ body: this.body(), note: this.note, segment: this.segment });
        },
        get dirty() {
            return !this.data.readonly && this.seen !== this.saved;
        },
        changed(text) {
            if (text === this.seen) return;
            this.seen = text;
            this.keepBackup();
            this.soon();
        },
        soon() {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => {
                this.mark();
                this.check();
            }, PAUSE);
        },

        /* --- undo --- */
        mark() {
            const text = this.text();
            if (this.history[this.pointer] === text) return;
            this.history.splice(this.pointer + 1);
            this.history.push(text);
            if (this.history.length > 100) this.history.shift();
            this.pointer = this.history.length - 1;
        },
        step(by) {
            this.mark();
            const text = this.history[this.pointer + by];
            if (text === undefined) return;
            this.pointer += by;
            const closed = new Set(SECTIONS.flatMap((s) => this.model[s].filter((r) => !r.open).map((r) => r.code)));
            const { body, note, segment } = JSON.parse(text);
            this.load(body, note, segment);
            for (const section of SECTIONS) for (const rule of this.model[section]) rule.open = !closed.has(rule.code);
            this.toast = "";
        },
        change(work, toast = "") {
            this.mark();
            work();
            this.mark();
            clearTimeout(this.toastTimer);
            this.toast = toast;
            if (toast) this.toastTimer = setTimeout(() => (this.toast = ""), 10000);
        },
        keys(event) {
            const command = event.ctrlKey || event.metaKey;
            const key = event.key.toLowerCase();
            if (command && key === "s") {
                event.preventDefault();
                this.save();
            } else if (command && (key === "z" || key === "y") && !event.target.matches("input, textarea")) {
                event.preventDefault();
                this.step(key === "y" || event.shiftKey ? 1 : -1);
            }
        },

        /* --- what the browser keeps until it is saved --- */
        backupKey() {
            return `policy-draft:${this.data.key}`;
        },
        keepBackup() {
            if (this.data.readonly) return;
            try {
                if (this.dirty) localStorage.setItem(this.backupKey(), JSON.stringify({ text: this.seen, from: this.updatedAt }));
                else localStorage.removeItem(this.backupKey());
            } catch { /* A full or closed storage only costs the backup. */ }
        },
        offerBackup() {
            if (this.data.readonly) return;
            try {
                const kept = JSON.parse(localStorage.getItem(this.backupKey()) || "null");
                if (kept && kept.text !== this.saved) this.backup = kept;
            } catch { this.backup = null; }
        },
        takeBackup() {
            const { body, note, segment } = JSON.parse(this.backup.text);
            this.change(() => this.load(body, note, segment));
            this.backup = null;
        },
        dropBackup() {
            this.backup = null;
            this.keepBackup();
        },

        /* --- the server --- */
        async ask(address, content, signal) {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            // Who may only read asks about the version as it is kept.
            const sent = this.data.readonly
                ? { method: "GET" }
                : { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: content };
            const answer = await fetch(address, { ...sent, signal, credentials: "same-origin", redirect: "manual" });
            if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error(this.texts.signed_out);
            const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
            return { ok: answer.ok, status: answer.status, told };
        },
        async check() {
            if (this.controller) this.controller.abort();
            const controller = (this.controller = new AbortController());
            const content = JSON.stringify(this.body());
            this.checking = this.counting = true;
            const counted = this.ask(this.data.urls.count, content, controller.signal);
            try {
                const { told } = await this.ask(this.data.urls.check, content, controller.signal);
                this.faults = Object.freeze(told.faults || []);
                this.sentences = Object.freeze(told.sentences || {});
                this.findings = Object.freeze(told.findings || []);
                this.findingsAt = byPath(this.findings);
                this.problem = "";
            } catch (error) {
                if (error.name !== "AbortError") this.problem = `${this.texts.unchecked} ${error.message}`;
            }
            if (this.controller === controller) this.checking = false;
            try {
                const { told } = await counted;
                this.counts = told.counts ? Object.freeze(told.counts) : null;
                this.countsNote = told.note || "";
            } catch (error) {
                if (error.name !== "AbortError") this.counts = null;
            }
            if (this.controller === controller) this.counting = false;
        },
        async save({ over = false } = {}) {
            if (this.saving || this.data.readonly) return false;
            if (this.view === "json" && !this.applyJson()) return false;
            this.saving = true;
            const text = this.text();
            const { body, note, segment } = JSON.parse(text);
            const expected = over ? this.conflict.updated_at : this.updatedAt;
            try {
                const { ok, told } = await this.ask(this.data.urls.save, JSON.stringify({ body, note, segment, updated_at: expected }));
                if (!ok) {
                    if (told.faults) this.faults = Object.freeze(told.faults);
                    if (told.conflict) this.conflict = told.conflict;
                    this.problem = told.conflict ? "" : told.message || this.texts.unsaved;
                    return false;
                }
                this.updatedAt = told.updated_at;
                this.saved = text;
                this.conflict = this.problem = "";
                this.keepBackup();
                if (told.url !== window.location.pathname) {
                    this.seen = text;
                    window.location.assign(told.url);
                } else {
                    this.toast = this.texts.saved;
                }
                return true;
            } catch (error) {
                this.problem = `${this.texts.unsaved} ${error.message}`;
                return false;
            } finally {
                this.saving = false;
            }
        },
        async submit() {
            if ((!this.dirty && this.data.urls.submit) || (await this.save())) {
                if (this.data.urls.submit) window.location.assign(this.data.urls.submit);
            }
        },
        takeTheirs() {
            this.saved = this.seen;
            this.keepBackup();
            window.location.reload();
        },

        /* --- the body as text --- */
        showJson() {
            this.json = JSON.stringify(this.body(), null, 2);
            this.jsonNote = "";
            this.view = "json";
        },
        applyJson() {
            let body;
            try {
                body = JSON.parse(this.json);
            } catch (error) {
                this.jsonNote = `${this.texts.no_json} ${error.message}`;
                return false;
            }
            const model = modelOf(body, this.features);
            // A form shows what a policy may say. Anything else would be lost without a word.
            if (canonical(bodyOf(model, this.features)) !== canonical(body)) {
                this.jsonNote = this.texts.form_loses;
                this.checkText();
                return false;
            }
            this.change(() => (this.model = model));
            this.view = "form";
            return true;
        },
        async checkText() {
            try {
                const { told } = await this.ask(this.data.urls.check, this.json);
                this.faults = Object.freeze(told.faults || []);
            } catch (error) {
                this.problem = `${this.texts.unchecked} ${error.message}`;
            }
        },

        /* --- conditions --- */
        rows(tree, path) {
            return rowsOf(tree, path);
        },
        unit(node) {
            return this.features[node.feature]?.unit || "";
        },
        ops(node) {
            return this.data.ops[this.unit(node)] || [];
        },
        unitWord(node) {
            const unit = this.unit(node);
            if (unit === "MONEY") return this.model.currency;
            return this.texts.units[unit] || "";
        },
        choices(node) {
            const name = node.feature;
            if (name === "currency") return this.model.rates.map((row) => [row.code, row.code]);
            return this.data.choices[name] || null;
        },
        many(node) {
            return node.op === "in" || node.op === "not_in";
        },
        chooseFeature(node, name) {
            const before = this.unit(node);
            node.feature = name;
            const feature = this.features[name];
            if (!feature) return;
            if (!this.data.ops[feature.unit].includes(node.op)) node.op = this.data.ops[feature.unit][0];
            if (feature.unit !== before || feature.unit === "WORD") setValue(node, undefined, feature);
            if (feature.unit === "FLAG") node.flag = true;
        },
        chooseOp(node, op) {
            node.op = op;
            if (this.unit(node) === "WORD" && !this.many(node)) node.words = node.words.slice(0, 1);
        },
        toggleWord(node, word) {
            node.words = node.words.includes(word) ? node.words.filter((w) => w !== word) : [...node.words, word];
        },
        wordsText(node) {
            const known = Object.fromEntries(this.choices(node) || []);
            return node.words.map((word) => known[word] || word).join(" / ") || this.texts.choose;
        },
        typedWords(node, text) {
            node.words = this.many(node) ? text.split(/[,，]/).map((w) => w.trim()).filter(Boolean) : [text.trim()];
        },
        // Digits stand in threes once somebody has left the field; the commas are never sent.
        tidy(field) {
            const text = window.PolicyModel.grouped(field.text.replace(/[,，\s]/g, ""));
            if (text !== field.text) field.text = text;
        },
        newLeaf() {
            return leafNode({ feature: "days_past_due", op: "gte", value: "" }, this.features);
        },
        add(group, kind) {
            const leaf = this.newLeaf();
            const opposite = group.kind === "all" ? "any" : "all";
            const made = kind === "group" ? { id: window.PolicyModel.fresh(), kind: opposite, nots: 0, parts: [leaf] } : leaf;
            this.change(() => group.parts.push(made));
            this.focus(`row-${leaf.id}`);
        },
        addAfter(row) {
            const leaf = this.newLeaf();
            this.change(() => row.parent.parts.splice(row.index + 1, 0, leaf));
            this.focus(`row-${leaf.id}`);
        },
        duplicate(row) {
            const copy = copyTree(row.node);
            this.change(() => row.parent.parts.splice(row.index + 1, 0, copy));
            this.focus(`row-${copy.id}`);
        },
        remove(row) {
            const next = row.parent.parts[row.index + 1] || row.parent.parts[row.index - 1] || row.parent;
            this.change(() => row.parent.parts.splice(row.index, 1), this.texts.removed);
            this.focus(`row-${next.id}`);
        },
        wrap(row) {
            const group = { id: window.PolicyModel.fresh(), kind: row.parent.kind === "all" ? "any" : "all", nots: 0, parts: [row.node] };
            this.change(() => row.parent.parts.splice(row.index, 1, group));
            this.focus(`row-${row.node.id}`);
        },
        unwrap(row) {
            this.change(() => row.parent.parts.splice(row.index, 1, ...row.node.parts));
        },
        // Down or up among its neighbours; past the end of a group out of it, and into a group that is in the way.
        move(row, by, tree) {
            const { parent, index, node } = row;
            const target = index + by;
            const neighbour = parent.parts[target];
            this.change(() => {
                if (neighbour && neighbour.kind !== "leaf" && node.kind === "leaf") {
                    parent.parts.splice(index, 1);
                    neighbour.parts.splice(by > 0 ? 0 : neighbour.parts.length, 0, node);
                } else if (neighbour) {
                    parent.parts.splice(index, 1);
                    parent.parts.splice(target, 0, node);
                } else {
                    const above = this.parentOf(tree, parent);
                    if (!above) return;
                    parent.parts.splice(index, 1);
                    const place = above.parts.indexOf(parent) + (by > 0 ? 1 : 0);
                    above.parts.splice(place, 0, node);
                    if (!parent.parts.length) above.parts.splice(above.parts.indexOf(parent), 1);
                }
            });
            this.focus(`row-${node.id}`);
        },
        parentOf(tree, group) {
            for (const part of tree.parts || []) {
                if (part === group) return tree;
                const found = part.kind === "leaf" ? null : this.parentOf(part, group);
                if (found) return found;
            }
            return null;
        },
        focus(name) {
            this.$nextTick(() => document.getElementById(name)?.querySelector("select, input, button")?.focus());
        },

        /* --- rules --- */
        newRule(section) {
            const kind = section === "rewards" ? "LIMIT_INCREASE" : "FREEZE";
            const value = section === "rules"
                ? { priority: 2, needs_visit: true }
                : { effect: section === "rewards" ? { kind, percent: "" } : { kind, expires_days: 180 } };
            const when = { all: [{ feature: "days_past_due", op: section === "rewards" ? "eq" : "gte", value: section === "rewards" ? 0 : 31 }] };
            const rule = ruleOf({ code: this.freeCode("NEW_RULE"), title: { en: "", zh: "" }, when, ...value }, section, this.features);
            this.change(() => this.model[section].push(rule));
            this.focus(`rule-${rule.id}`);
        },
        freeCode(wanted) {
            const taken = new Set(SECTIONS.flatMap((section) => this.model[section].map((rule) => rule.code)));
            const base = wanted.replace(/_\d+$/, "").slice(0, 36);
            let code = wanted;
            for (let n = 2; taken.has(code); n++) code = `${base}_${n}`;
            return code;
        },
        duplicateRule(section, index) {
            const copy = copyRule(this.model[section][index]);
            copy.code = this.freeCode(copy.code);
            this.change(() => this.model[section].splice(index + 1, 0, copy));
            this.focus(`rule-${copy.id}`);
        },
        removeRule(section, index) {
            this.change(() => this.model[section].splice(index, 1), this.texts.rule_removed);
        },
        moveRule(section, index, by) {
            const rules = this.model[section];
            if (!rules[index + by]) return;
            this.change(() => {
                const [rule] = rules.splice(index, 1);
                rules.splice(index + by, 0, rule);
            });
        },
        ruleName(rule) {
            return (this.data.language === "en" ? rule.en : rule.zh) || rule.code || this.texts.unnamed;
        },
        codeTyped(rule, text) {
            rule.code = text.toUpperCase().replace(/[\s-]/g, "_");
        },
        codeLooksRight(rule) {
            return CODE.test(rule.code);
        },
        effectFields(rule) {
            return EFFECTS[rule.kind] || [];
        },
        addRate() {
            this.change(() => this.model.rates.push({ id: window.PolicyModel.fresh(), code: "", rate: window.PolicyModel.numberField("") }));
        },
        removeRate(index) {
            this.change(() => this.model.rates.splice(index, 1), this.texts.removed);
        },
        rateTwins(row) {
            return this.model.rates.filter((other) => other.code === row.code).length > 1;
        },

        /* --- what the server said, where it belongs --- */
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

        /* --- selects: their options are copied from one list, not bound one by one --- */
        featureOptions(select, place) {
            this.lists = this.lists || {};
            if (!this.lists[place]) {
                const list = document.createDocumentFragment();
                for (const group of this.data.groups) {
                    const features = this.data.features.filter((f) => f.group === group.key && f.places.includes(place));
                    if (!features.length) continue;
                    const box = document.createElement("optgroup");
                    box.label = group.label;
                    box.append(...features.map((f) => new Option(f.label, f.name)));
                    list.append(box);
                }
                this.lists[place] = list;
            }
            select.replaceChildren(this.lists[place].cloneNode(true));
        },
        show(select, value, options = null) {
            if (options) select.replaceChildren(...options.map(([code, label]) => new Option(label, code)));
            if (value && ![...select.options].some((option) => option.value === value)) select.prepend(new Option(value, value));
            select.value = value;
        },
        opOptions(node) {
            const ops = this.ops(node);
            return (ops.length ? ops : node.op ? [node.op] : []).map((op) => [op, this.texts.ops[op] || op]);
        },
    }));
});
