// Small helpers of a page; it reads as well without them.
(() => {
  "use strict";
  const root = document.documentElement;
  root.dataset.script = ""; // before anything is drawn, so that nothing moves later
  const saved = () => { try { return localStorage.getItem("analysis-theme"); } catch { return null; } };
  const save = (theme) => { try { localStorage.setItem("analysis-theme", theme); } catch { /* kept for this page only */ } };
  if (["light", "dark"].includes(saved())) root.dataset.theme = saved();

  function theme() {
    const button = document.getElementById("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      save(root.dataset.theme);
    });
  }

  function contents() {
    const box = document.getElementById("contents");
    if (!box) return;
    const wide = matchMedia("(min-width: 1100px)");
    const fit = () => { box.open = wide.matches; };
    wide.addEventListener("change", fit);
    fit();
    const links = [...box.querySelectorAll("a")];
    const places = links.map((link) => document.getElementById(link.hash.slice(1)));
    const mark = () => {
      const passed = places.map((place) => place.getClientRects().length > 0 && place.getBoundingClientRect().top < innerHeight / 3);
      const end = scrollY + innerHeight >= root.scrollHeight - 2;
      const here = end ? links.length - 1 : passed.lastIndexOf(true); // what a filter hides is not passed
      links.forEach((link, i) => i === here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
      if (here >= 0 && wide.matches) links[here].scrollIntoView({ block: "nearest", behavior: "instant" });
    };
    const watch = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
    places.forEach((place) => watch.observe(place));
  }

  // The same page in the other language opens where this one is read: their ids are the same.
  function languages() {
    const places = [...document.querySelectorAll("main [id]:not(svg *)")];
    document.querySelectorAll("a.language").forEach((link) => link.addEventListener("click", () => {
      const read = places.filter((place) => place.getClientRects().length > 0 && place.getBoundingClientRect().top < 80);
      if (read.length && scrollY > 0) link.hash = read.at(-1).id;
    }));
  }

  // A region is a stop for the keyboard only while it has something to scroll to.
  function regions() {
    const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }));
    document.querySelectorAll(".scroll, pre, .prose > table").forEach((region) => watch.observe(region));
  }

  // Text as it is typed: without accents, every dash the one of the keyboard.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[‐‑–−]/g, "-").toLowerCase();
  const asked = (box) => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    return (text) => words.every((word) => text.includes(word));
  };
  const say = (form, all) => {
    const shown = all.filter(({ item }) => !item.hidden).length;
    form.querySelector("output").textContent = form.dataset.count.replace("{shown}", shown).replace("{total}", all.length);
  };

  function search() {
    const form = document.getElementById("search");
    if (!form) return;
    const [box, language] = [form.querySelector("input"), form.querySelector("select")];
    const runs = [...document.querySelectorAll(".runs > li")].map((item) => ({ item, text: plain(item.dataset.text) }));
    const show = () => {
      const found = asked(box);
      const lang = language ? language.value : "";
      runs.forEach(({ item, text }) => {
        const other = lang && item.dataset.lang && item.dataset.lang !== lang; // a failure is in every list
        item.hidden = other || !found(text);
      });
      document.querySelectorAll(".group").forEach((group) => { group.hidden = !group.querySelector("li:not([hidden])"); });
      say(form, runs);
    };
    form.addEventListener("input", show);
    show();
  }

  function filter() {
    const form = document.getElementById("filter");
    if (!form) return;
    const box = form.querySelector("input");
    const [verdict, topic] = form.querySelectorAll("select");
    const claims = [...document.querySelectorAll(".claim")].map((item) => ({ item, text: plain(item.textContent) }));
    const is = (select, value) => select.value === "*" || select.value === value;
    const show = () => {
      const found = asked(box);
      claims.forEach(({ item, text }) => {
        item.hidden = !is(verdict, item.dataset.verdict) || !is(topic, item.dataset.topic) || !found(text);
      });
      document.querySelectorAll(".claims .group").forEach((group) => { group.hidden = !group.querySelector(".claim:not([hidden])"); });
      say(form, claims);
    };
    // A link to a claim, or to its group, shows it whatever the filter hides.
    const open = () => {
      const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!place || !place.closest(".claims")) return;
      if (!place.getClientRects().length) {
        [box.value, verdict.value, topic.value] = ["", "*", "*"];
        show();
      }
      if (place.matches(".claim")) place.querySelectorAll("details").forEach((fold) => { fold.open = true; });
      place.scrollIntoView({ behavior: "instant" });
    };
    form.addEventListener("input", show);
    addEventListener("hashchange", open);
    show();
    open();
  }

  function rows() {
    document.querySelectorAll("figure .search").forEach((form) => {
      const text = (row) => plain([...row.cells].map((cell) => cell.textContent).join(" "));
      const all = [...form.parentElement.querySelector("tbody").rows].map((item) => ({ item, text: text(item) }));
      form.addEventListener("input", () => {
        const found = asked(form.querySelector("input"));
        all.forEach(({ item, text }) => { item.hidden = !found(text); });
        say(form, all);
      });
    });
  }

  // A head of a table sorts it: up, down, then as it was. Numbers go by value, months by time, "–" last.
  function sorting() {
    const words = new Intl.Collator(root.lang, { numeric: true });
    const month = new Intl.DateTimeFormat(root.lang, { month: "long", timeZone: "UTC" });
    const months = Array.from({ length: 12 }, (_, place) => plain(month.format(Date.UTC(2000, place, 15))));
    const key = (cell) => {
      const text = cell.textContent.trim();
      if (!text || text === "–") return null;
      if (!cell.matches(".number")) {
        const [, name, year] = plain(text).match(/^(\p{L}+)(?: de)? (\d{4})$/u) || [];
        return months.includes(name) ? `${year}-${months.indexOf(name)}` : text;
      }
      const [, minus, digits] = text.match(/([−-]?)([\d,]*\.?\d+)/) || [];
      if (!digits) return null;
      const value = Number(digits.replaceAll(",", "")) * (minus ? -1 : 1);
      return text.startsWith("<") ? value * 0.999 : value;
    };
    const compare = (one, other) => typeof one === "number" ? one - other : words.compare(one, other);
    document.querySelectorAll("figure.table table").forEach((table) => {
      const [body] = table.tBodies;
      const given = [...body.rows];
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        head.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => {
          const next = { none: "ascending", ascending: "descending", descending: "none" };
          const order = next[head.getAttribute("aria-sort")];
          heads.forEach((other) => other.setAttribute("aria-sort", other === head ? order : "none"));
          const keyed = given.map((row) => ({ row, key: key(row.cells[column]) }));
          const [full, empty] = [keyed.filter((one) => one.key !== null), keyed.filter((one) => one.key === null)];
          if (order === "ascending") full.sort((one, other) => compare(one.key, other.key));
          if (order === "descending") full.sort((one, other) => compare(other.key, one.key));
          body.append(...(order === "none" ? given : [...full, ...empty].map((one) => one.row)));
        });
      });
    });
  }

  // Figures that two exhibits share stand once on the page; both can be downloaded.
  function downloads() {
    document.querySelectorAll("a[data-csv]").forEach((link) => {
      const first = document.getElementById(link.hash.slice(1)).querySelector("a[download]");
      link.download = link.dataset.csv;
      link.textContent = first.textContent;
      link.href = first.href;
    });
  }

  // The marks of a drawing with their words, from the row of the figures that each says it draws.
  function points(svg, figure, range) {
    const rows = [[]];
    const [link] = figure.querySelectorAll(".tools > a");
    const text = decodeURIComponent(link.href.slice(link.href.indexOf(",") + 1));
    for (const [, cell, end] of text.matchAll(/("(?:[^"]|"")*"|[^",\n]*)([,\n])/g)) {
      rows.at(-1).push(cell.replace(/^"|"$/g, ""));
      if (end === "\n") rows.push([]);
    }
    const names = rows.shift();
    const cell = (row, name) => rows[row][names.indexOf(name)] || "";
    const month = new Intl.DateTimeFormat(root.lang, { month: "long", year: "numeric", timeZone: "UTC" });
    const words = [...svg.querySelectorAll('text[style*="text-anchor:end"]')];
    const beside = (y) => { // the label of the axis at this height
      const middle = (word) => { const box = word.getBBox(); return new DOMPoint(box.x, box.y + box.height / 2).matrixTransform(word.getCTM()).y; };
      const height = new DOMPoint(0, y).matrixTransform(svg.getCTM()).y;
      const far = (word) => Math.abs(middle(word) - height);
      return words.reduce((best, word) => far(word) < far(best) ? word : best).textContent.trim();
    };
    const between = (low, high) => range.replace("{low}", low).replace("{high}", high);
    const date = (at) => /^\d{4}-\d\d$/.test(at) ? month.format(new Date(at)) : at.replace("-", "−");
    const when = (row, label) => { // a period that is no year by its months
      if (!label) return "";
      const [at, first, last] = [label, "first", "last"].map((name) => cell(row, name));
      return first && !/^\d{4}$/.test(at) ? [...new Set([date(first), date(last)])].reduce(between) : date(at);
    };
    // Bars and tiles of one column are written with the same digits.
    const single = {};
    svg.querySelectorAll("[data-mark]").forEach((mark) => {
      const [, column, row] = mark.dataset.mark.split(" ");
      if (/^\d+$/.test(row)) (single[column] ||= []).push(Number(row));
    });
    return [...svg.querySelectorAll("[data-mark]")].flatMap((mark) => {
      const [label, column, list, ...name] = mark.dataset.mark.split(" ");
      const [value, times] = [column.replace("%", ""), column.endsWith("%") ? 100 : 1];
      const drawn = list.split(",").flatMap((part) => {
        const [first, last = first] = part.split("-").map(Number);
        return Array.from({ length: last - first + 1 }, (_, step) => first + step);
      });
      const uses = [...mark.querySelectorAll("use")].map((use) => [use.x.baseVal.value, use.y.baseVal.value]);
      const path = (mark.querySelector("path[d]:not(defs *)")?.getAttribute("d").match(/-?[\d.]+/g) || []).map(Number);
      const corners = Array.from({ length: path.length / 2 }, (_, place) => [path[2 * place], path[2 * place + 1]]);
      const middle = (side) => (Math.min(...corners.map((at) => at[side])) + Math.max(...corners.map((at) => at[side]))) / 2;
      // A bar or a tile is an outline of one row.
      const places = uses.length ? uses : drawn.length === 1 && corners.length > 1 ? [[middle(0), middle(1)]] : corners;
      if (places.length !== drawn.length) return [];
      const alike = drawn.length === 1 ? single[column] : drawn;
      const most = Math.max(...alike.map((row) => Math.abs(cell(row, value) * times)));
      const counts = times === 1 && alike.every((row) => Number.isInteger(Number(cell(row, value))));
      const digits = counts || most >= 1000 ? 0 : most >= 5 ? 1 : most >= 0.5 ? 2 : 3;
      const number = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
      const write = (row, name) => number.format(cell(row, name) * times).replace("-", "−");
      const told = (row, y) => {
        const [low, high] = /^(estimate|rate|fitted|share)$/.test(value) ? ["conf_low", "conf_high"] : [`${value}_low`, `${value}_high`];
        const interval = cell(row, low) && cell(row, high) && ` (${between(write(row, low), write(row, high))})`;
        const at = [label.startsWith("-") && words.length && beside(y), when(row, label.replace("-", "")), name.join(" ")];
        return `${at.filter(Boolean).join(", ")}${cell(row, value) && `: ${write(row, value)}`}${interval}`;
      };
      return places.map(([x, y], place) => ({ x, y, told: () => told(drawn[place], y) }));
    });
  }

  // What is pointed at, touched, or reached with the arrow keys tells its values; Escape sends them away.
  function values() {
    const page = document.querySelector(".page");
    if (!page) return;
    const tip = document.createElement("div");
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    tip.className = "tip";
    ring.setAttribute("class", "ring");
    ring.setAttribute("r", 5);
    let leaving;
    const hide = () => { tip.remove(); ring.remove(); };
    const later = () => { leaving = setTimeout(hide, 300); };
    const stay = () => clearTimeout(leaving);
    const show = (svg, { x, y, told }) => {
      stay();
      ring.setAttribute("cx", x);
      ring.setAttribute("cy", y);
      svg.append(ring);
      tip.textContent = told();
      document.body.append(tip);
      const at = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
      const left = Math.max(4, Math.min(at.x - tip.offsetWidth / 2, root.clientWidth - tip.offsetWidth - 4));
      tip.style.left = `${left + scrollX}px`;
      tip.style.top = `${at.y - tip.offsetHeight - 10 + scrollY}px`;
      return tip.textContent;
    };
    tip.addEventListener("pointerenter", stay);
    tip.addEventListener("pointerleave", later);
    addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
    document.querySelectorAll("figure.figure:has([data-mark])").forEach((figure) => {
      const svg = figure.querySelector("svg");
      let known;
      const all = () => (known ||= points(svg, figure, page.dataset.range));
      const near = (event) => {
        const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
        const far = (point) => Math.hypot(point.x - at.x, point.y - at.y);
        const best = all().reduce((one, other) => far(other) < far(one) ? other : one);
        if (far(best) < 20) show(svg, best);
        else if (event.type === "pointerdown") hide();
      };
      svg.addEventListener("pointermove", near);
      svg.addEventListener("pointerdown", near);
      svg.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") later(); });
      const slider = document.createElement("input");
      Object.assign(slider, { type: "range", className: "values", min: 0, max: 0, value: 0 });
      slider.setAttribute("aria-label", page.dataset.values.replace("{exhibit}", figure.querySelector(".label").textContent));
      const tell = () => {
        slider.max = all().length - 1;
        slider.setAttribute("aria-valuetext", show(svg, all()[slider.value]));
      };
      slider.addEventListener("focus", tell);
      slider.addEventListener("input", tell);
      slider.addEventListener("blur", hide);
      svg.before(slider);
    });
  }

  document.addEventListener("DOMContentLoaded", () => { theme(); languages(); contents(); downloads(); regions(); search(); filter(); rows(); sorting(); values(); });
})();
