/* Converts a policy's body (JSON) to the values that the form shows, and back. Pure functions: no page, no server. */
(() => {
    let last = 0;
    const fresh = () => `n${++last}`;
    const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
    const list = (value) => (Array.isArray(value) ? value : []);
    const asText = (value) => (value === undefined || value === null ? "" : String(value));

    /* Move the decimal point of a number in text by some places. Text and not floats, so that no digit is lost. */
    const shifted = (text, places) => {
        const match = /^\s*(-?)(\d*)(?:\.(\d*))?\s*$/.exec(text);
        if (!match || !(match[2] || match[3])) return text;
        let whole = match[2], fraction = match[3] || "";
        for (let i = 0; i < Math.abs(places); i++) {
            if (places > 0) {
                whole += fraction.slice(0, 1) || "0";
                fraction = fraction.slice(1);
            } else {
                fraction = (whole.slice(-1) || "0") + fraction;
                whole = whole.slice(0, -1);
            }
        }
        whole = whole.replace(/^0+(?=\d)/, "") || "0";
        fraction = fraction.replace(/0+$/, "");
        return match[1] + whole + (fraction ? `.${fraction}` : "");
    };
    const plain = (text) => text.replace(/[,，\s]/g, "");

    /* A number field. `raw` is written back while the text is unchanged, so that an unedited number keeps its spelling. */
    const grouped = (text) => text.replace(/^(\d{4,})(?=\.\d+$|$)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
    const numberField = (raw, { share = false, money = false } = {}) => {
        const text = share ? shifted(asText(raw), 2) : money ? grouped(asText(raw)) : asText(raw);
        return { raw, text, shown: text, share };
    };
    const numberOf = (field, { whole = false } = {}) => {
        if (field.text === field.shown && field.raw !== undefined) return field.raw;
        const text = plain(field.text);
        if (field.share) return shifted(text, -2);
        return whole && /^\d{1,9}$/.test(text) ? Number(text) : text;
    };

    const leafNode = (value, features) => {
        const source = isObject(value) ? value : {};
        const feature = features[source.feature];
        const node = { id: fresh(), kind: "leaf", nots: 0, feature: asText(source.feature), op: asText(source.op) };
        setValue(node, source.value, feature);
        return node;
    };
    const setValue = (node, value, feature) => {
        const unit = feature ? feature.unit : "COUNT";
        node.number = numberField(unit === "FLAG" || unit === "WORD" ? undefined : value, { share: unit === "SHARE", money: unit === "MONEY" });
        node.flag = unit === "FLAG" && typeof value === "boolean" ? value : null;
        node.words = unit === "WORD" ? (Array.isArray(value) ? value.map(asText) : value === undefined ? [] : [asText(value)]) : [];
    };
    const treeOf = (value, features) => {
        let nots = 0;
        while (isObject(value) && "not" in value) {
            nots += 1;
            value = value.not;
        }
        for (const kind of ["all", "any"]) {
            if (isObject(value) && Array.isArray(value[kind])) {
                return { id: fresh(), kind, nots, parts: value[kind].map((part) => treeOf(part, features)) };
            }
        }
        return { ...leafNode(value, features), nots };
    };
    const valueOf = (node, feature) => {
        const unit = feature ? feature.unit : "COUNT";
        if (unit === "FLAG") return node.flag;
        if (unit === "WORD") return ["in", "not_in"].includes(node.op) ? [...node.words] : asText(node.words[0]);
        return numberOf(node.number, { whole: unit === "DAYS" || unit === "COUNT" });
    };
    const bodyOfTree = (node, features) => {
        let value = node.kind === "leaf"
            ? { feature: node.feature, op: node.op, value: valueOf(node, features[node.feature]) }
            : { [node.kind]: node.parts.map((part) => bodyOfTree(part, features)) };
        for (let i = 0; i < node.nots; i++) value = { not: value };
        return value;
    };

    /* The form always shows a group at the root. `lone` marks a single condition, which is written back without a group. */
    const rootOf = (value, features) => {
        const tree = treeOf(value, features);
        if (tree.kind !== "leaf" && !tree.nots) return tree;
        return { id: fresh(), kind: "all", nots: 0, parts: [tree], lone: true };
    };
    const bodyOfRoot = (root, features) =>
        root.lone && root.parts.length === 1 ? bodyOfTree(root.parts[0], features) : bodyOfTree(root, features);

    const EFFECTS = {
        LIMIT_INCREASE: ["percent", "max_amount", "expires_days"],
        RATE_REDUCTION: ["points", "expires_days"],
        FREEZE: ["expires_days"],
        LIMIT_CUT: ["percent", "max_amount", "expires_days"],
    };
    // The terms of a decision that a row of proposals proposes, by its kind.
    const TERMS = {
        GRACE: ["days"],
        PLAN: ["instalments", "relief"],
        RATE_RELIEF: ["relief", "days"],
        SPECIAL_CARE: ["flag", "days"],
        LEGAL: ["days", "way_back"],
        FREEZE: ["days", "way_back"],
        LIMIT_CUT: ["percent", "days", "way_back"],
    };
    const TERM_NUMBERS = ["days", "instalments", "relief", "percent"];
    const TERM_WORDS = ["flag", "way_back"];
    const SHARES = new Set(["points", "relief", "firm_confidence", "plan_first_share", "max_share_rewarded", "max_share_restricted", "max_exposure_share", "rate_step", "rate_max"]);
    const MONEY = new Set(["max_amount", "grade_a_amount", "grade_b_amount"]);
    const WHOLE = new Set(["days", "instalments", "plan_offer_days", "expires_days", "sla_days", "visit_days", "max_figures_age_days"]);
    const fieldsOf = (source, names) =>
        Object.fromEntries(names.map((name) => [name, numberField(source[name], { share: SHARES.has(name), money: MONEY.has(name) })]));
    const filled = (fields, names) =>
        Object.fromEntries(
            names.filter((name) => fields[name].text.trim() !== "")
                .map((name) => [name, numberOf(fields[name], { whole: WHOLE.has(name) })]),
        );

    const decisionOf = (value) => {
        const source = isObject(value) ? value : {};
        const words = Object.fromEntries(TERM_WORDS.map((name) => [name, asText(source[name])]));
        return { id: fresh(), kind: asText(source.kind), ...words, terms: fieldsOf(source, TERM_NUMBERS) };
    };
    const bodyOfDecision = (decision) => {
        const names = TERMS[decision.kind] || [];
        const words = TERM_WORDS.filter((name) => names.includes(name) && decision[name]).map((name) => [name, decision[name]]);
        const numbers = filled(decision.terms, names.filter((name) => TERM_NUMBERS.includes(name)));
        return { kind: decision.kind, ...Object.fromEntries(words), ...numbers };
    };
    const resultOf = (value) => {
        const source = isObject(value) ? value : {};
        return {
            reasons: list(source.reasons).map(asText),
            step: asText(source.next_step),
            decisions: list(source.decisions).map(decisionOf),
        };
    };
    // A row either proposes decisions or names the next step.
    const bodyOfResult = (result) => ({
        reasons: [...result.reasons],
        ...(result.decisions.length ? { decisions: result.decisions.map(bodyOfDecision) } : { next_step: result.step }),
    });

    const ruleOf = (value, section, features) => {
        const source = isObject(value) ? value : {};
        const title = isObject(source.title) ? source.title : {};
        const rule = {
            id: fresh(), open: true, code: asText(source.code), en: asText(title.en), zh: asText(title.zh),
            when: rootOf(source.when, features),
        };
        if (section === "rules") {
            rule.priority = asText(source.priority);
            rule.needs_visit = source.needs_visit === true;
        } else if (section === "proposals") {
            rule.result = resultOf(source.result);
        } else {
            const effect = isObject(source.effect) ? source.effect : {};
            rule.kind = asText(effect.kind);
            rule.effect = fieldsOf(effect, ["percent", "points", "max_amount", "expires_days"]);
        }
        return rule;
    };
    const bodyOfRule = (rule, section, features) => {
        const value = { code: rule.code, title: { en: rule.en, zh: rule.zh } };
        if (section === "rules") {
            value.priority = /^\d$/.test(rule.priority) ? Number(rule.priority) : rule.priority;
            value.needs_visit = rule.needs_visit;
        }
        value.when = bodyOfRoot(rule.when, features);
        if (section === "proposals") value.result = bodyOfResult(rule.result);
        else if (section !== "rules") {
            value.effect = { kind: rule.kind, ...filled(rule.effect, EFFECTS[rule.kind] || []) };
        }
        return value;
    };

    const SINGLE = ["grade_a_amount", "grade_b_amount", "max_figures_age_days", "firm_confidence", "plan_offer_days", "plan_first_share"];
    const DAYS = ["sla_days", "visit_days"];
    const CAPS = ["max_share_rewarded", "max_share_restricted", "max_exposure_share", "rate_step", "rate_max", "max_limit_percent"];
    const SECTIONS = ["rules", "rewards", "restrictions", "proposals"];

    const modelOf = (body, features) => {
        const source = isObject(body) ? body : {};
        const parameters = isObject(source.parameters) ? source.parameters : {};
        const model = {
            currency: asText(source.currency),
            rates: Object.entries(isObject(source.rates) ? source.rates : {})
                .map(([code, rate]) => ({ id: fresh(), code, rate: numberField(rate) })),
            parameters: fieldsOf(parameters, SINGLE),
            gate: rootOf(source.gate, features),
            caps: fieldsOf(isObject(source.caps) ? source.caps : {}, CAPS),
            // Which optional parts the body has: an empty part and a missing part are different bodies.
            given: Object.fromEntries(["parameters", "caps", "rewards", "restrictions", "proposals"].map((name) => [name, name in source])),
        };
        for (const name of DAYS) {
            const days = isObject(parameters[name]) ? parameters[name] : {};
            model.parameters[name] = Object.fromEntries(["1", "2", "3"].map((p) => [p, numberField(days[p])]));
        }
        for (const section of SECTIONS) {
            model[section] = list(source[section]).map((rule) => ruleOf(rule, section, features));
        }
        return model;
    };
    const bodyOf = (model, features) => {
        const body = { currency: model.currency, rates: {} };
        for (const row of model.rates) body.rates[row.code] = numberOf(row.rate);
        const parameters = filled(model.parameters, SINGLE);
        for (const name of DAYS) {
            const days = model.parameters[name];
            const set = ["1", "2", "3"].filter((p) => days[p].text.trim() !== "");
            if (set.length) parameters[name] = Object.fromEntries(set.map((p) => [p, numberOf(days[p], { whole: true })]));
        }
        if (model.given.parameters || Object.keys(parameters).length) body.parameters = parameters;
        body.gate = bodyOfRoot(model.gate, features);
        for (const section of SECTIONS) {
            if (section === "rules" || model.given[section] || model[section].length) {
                body[section] = model[section].map((rule) => bodyOfRule(rule, section, features));
            }
        }
        const caps = filled(model.caps, CAPS);
        if (model.given.caps || Object.keys(caps).length) body.caps = caps;
        return body;
    };

    /* The rows of a tree from top to bottom, each with its path in the body and its index in its parent. */
    const rowsOf = (root, path) => {
        const rows = [];
        const inner = (node, at) => at + ".not".repeat(node.nots);
        const walk = (node, at, parent, index, depth) => {
            const here = inner(node, at);
            const row = { key: node.id, node, parent, index, depth, path: at, inner: here, type: node.kind === "leaf" ? "leaf" : "group" };
            rows.push(row);
            if (node.kind === "leaf") return;
            node.parts.forEach((part, i) => walk(part, `${here}.${node.kind}[${i}]`, node, i, depth + 1));
            rows.push({ key: `${node.id}+`, node, parent, index, depth: depth + 1, path: `${here}.${node.kind}`, inner: here, type: "add" });
        };
        if (root.lone && root.parts.length === 1) {
            const only = root.parts[0];
            rows.push({ key: root.id, node: root, parent: null, index: 0, depth: 0, path: "", inner: "", type: "group" });
            walk(only, path, root, 0, 1);
            rows.push({ key: `${root.id}+`, node: root, parent: null, index: 0, depth: 1, path: "", inner: "", type: "add" });
        } else {
            walk(root, path, null, 0, 0);
        }
        return rows;
    };

    /* JSON text with sorted names: equal values give equal text. */
    const canonical = (value) => JSON.stringify(value, (_key, inner) =>
        isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner);
    const copied = (value) => JSON.parse(JSON.stringify(value));
    const copyTree = (node) => ({ ...copied(node), id: fresh(), ...(node.parts ? { parts: node.parts.map(copyTree) } : {}) });
    const copyRule = (rule) => ({ ...copied(rule), id: fresh(), when: copyTree(rule.when) });

    window.PolicyModel = {
        EFFECTS, SECTIONS, TERMS, canonical, copyRule, copyTree, fresh, grouped, leafNode, modelOf, bodyOf, decisionOf, numberField, rowsOf, ruleOf, setValue,
    };
})();
