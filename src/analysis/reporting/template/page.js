// Small helpers of a page; it reads as well without them.
(() => {
  "use strict";
  const root = document.documentElement;
  const saved = () => { try { return localStorage.getItem("analysis-theme"); } catch { return null; } };
  const save = (theme) => { try { localStorage.setItem("analysis-theme", theme); } catch { /* kept for this page only */ } };
  if (["light", "dark"].includes(saved())) root.dataset.theme = saved();

  function theme() {
    const button = document.getElementById("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
    const label = () => { button.textContent = dark() ? button.dataset.light : button.dataset.dark; };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      save(root.dataset.theme);
      label();
    });
    system.addEventListener("change", label);
    label();
    button.hidden = false;
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
    document.querySelectorAll(".scroll, pre").forEach((region) => watch.observe(region));
  }

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function search() {
    const form = document.getElementById("search");
    if (!form) return;
    const [box, language] = [form.querySelector("input"), form.querySelector("select")];
    const said = form.querySelector("output");
    const runs = [...document.querySelectorAll(".runs > li")].map((item) => ({ item, text: plain(item.dataset.text) }));
    const show = () => {
      const words = plain(box.value).split(/\s+/).filter(Boolean);
      const lang = language ? language.value : "";
      runs.forEach(({ item, text }) => {
        const other = lang && item.dataset.lang && item.dataset.lang !== lang; // a failure is in every list
        item.hidden = other || !words.every((word) => text.includes(word));
      });
      document.querySelectorAll(".group").forEach((group) => { group.hidden = !group.querySelector("li:not([hidden])"); });
      const shown = runs.filter(({ item }) => !item.hidden).length;
      said.textContent = form.dataset.count.replace("{shown}", shown).replace("{total}", runs.length);
    };
    form.addEventListener("input", show);
    form.hidden = false;
    show();
  }

  function filter() {
    const form = document.getElementById("filter");
    if (!form) return;
    const [box, said] = [form.querySelector("input"), form.querySelector("output")];
    const [verdict, topic] = form.querySelectorAll("select");
    const claims = [...document.querySelectorAll(".claim")].map((item) => ({ item, text: plain(item.textContent) }));
    const is = (select, value) => select.value === "*" || select.value === value;
    const show = () => {
      const words = plain(box.value).split(/\s+/).filter(Boolean);
      claims.forEach(({ item, text }) => {
        const asked = is(verdict, item.dataset.verdict) && is(topic, item.dataset.topic);
        item.hidden = !asked || !words.every((word) => text.includes(word));
      });
      document.querySelectorAll(".claims .group").forEach((group) => { group.hidden = !group.querySelector(".claim:not([hidden])"); });
      const shown = claims.filter(({ item }) => !item.hidden).length;
      said.textContent = form.dataset.count.replace("{shown}", shown).replace("{total}", claims.length);
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
    form.hidden = false;
    show();
    open();
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

  document.addEventListener("DOMContentLoaded", () => { theme(); languages(); contents(); downloads(); regions(); search(); filter(); });
})();
