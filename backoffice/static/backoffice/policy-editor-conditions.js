/* The policy editor's trees of conditions: add, remove, wrap, move, and the choices of a row. */
(() => {
    const { copyTree, fresh, grouped, leafNode, rowsOf, setValue } = window.PolicyModel;

    window.PolicyEditorParts = window.PolicyEditorParts || {};
    window.PolicyEditorParts.conditions = {
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
        // Group the digits in threes when the person leaves the field; the commas are never sent.
        tidy(field) {
            const text = grouped(field.text.replace(/[,，\s]/g, ""));
            if (text !== field.text) field.text = text;
        },
        newLeaf() {
            return leafNode({ feature: "days_past_due", op: "gte", value: "" }, this.features);
        },
        add(group, kind) {
            const leaf = this.newLeaf();
            const opposite = group.kind === "all" ? "any" : "all";
            const made = kind === "group" ? { id: fresh(), kind: opposite, nots: 0, parts: [leaf] } : leaf;
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
            const group = { id: fresh(), kind: row.parent.kind === "all" ? "any" : "all", nots: 0, parts: [row.node] };
            this.change(() => row.parent.parts.splice(row.index, 1, group));
            this.focus(`row-${row.node.id}`);
        },
        unwrap(row) {
            this.change(() => row.parent.parts.splice(row.index, 1, ...row.node.parts));
        },
        // Move a row up or down: into a group that is the next row, and out of its own group past its first or last row.
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

        /* --- selects: their options are copied from one list, because binding each of them is slow --- */
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
    };
})();
