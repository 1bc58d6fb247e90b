// Keys, dropping files, the menu. Every act here is also a link or a button that works without a script.
"use strict";
(() => {
  const root = document.documentElement;
  const rows = () => Array.from(document.querySelectorAll("[data-rows] [data-row]"));
  const current = () => document.querySelector("[data-rows] [data-row].on");
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName) && !/^(checkbox|radio|submit|button)$/.test(el.type));

  const choose = (row) => {
    const was = current();
    if (was) was.classList.remove("on");
    row.classList.add("on");
    const target = row.querySelector("[data-open]") || row.querySelector("a, button");
    if (target) target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(current());
    choose(all[Math.min(all.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))]);
    return true;
  };
  const press = (key) => {
    if (key === "u") {
      const undo = document.querySelector(".toast [data-key='u']");
      if (undo) undo.click();
      return Boolean(undo);
    }
    const row = current() || (rows().length && document.querySelector(".tasks") ? rows()[0] : null);
    if (!row) return false;
    const button = row.querySelector(`[data-key='${key}']`);
    if (button) { button.click(); return true; }
    const box = key === "x" && row.querySelector("input[type='checkbox']");
    if (box) { box.checked = !box.checked; return true; }
    return false;
  };
  const keys = document.getElementById("keys");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const open = document.querySelector("details.menu[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      else if (typing(event.target)) event.target.blur();
      return;
    }
    if (root.dataset.keys === "off" || typing(event.target) || (keys && keys.open)) return;
    let used = true;
    if (event.key === "/") { const q = document.getElementById("q"); if (q) { q.focus(); q.select(); } }
    else if (event.key === "j") used = step(1);
    else if (event.key === "k") used = step(-1);
    else if (event.key === "?") { if (keys && keys.showModal) keys.showModal(); }
    else if (event.key === "Enter") {
      const row = document.activeElement === document.body ? current() : null;
      const open = row && row.querySelector("[data-open]");
      used = Boolean(open);
      if (open) open.click();
    }
    else if ("dsxeu".includes(event.key)) used = press(event.key);
    else used = false;
    if (used) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest && event.target.closest("[data-rows] [data-row]");
    const was = current();
    if (row && row !== was) { if (was) was.classList.remove("on"); row.classList.add("on"); }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  for (const zone of document.querySelectorAll("[data-drop]")) {
    const field = zone.querySelector("input[type='file']");
    const form = field && field.form;
    if (!form) continue;
    const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (!event.dataTransfer.files.length) return;
      field.files = event.dataTransfer.files;
      form.requestSubmit();
    });
    field.addEventListener("change", () => { if (field.files.length && field.dataset.auto) form.requestSubmit(); });
  }

  // An import that is under way: ask again every second, leave the rest of the page alone.
  const poll = () => {
    const job = document.querySelector("[data-poll]");
    if (!job) return;
    setTimeout(async () => {
      try {
        const answer = await fetch(job.dataset.poll, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-job]");
          if (fresh) job.replaceWith(document.adoptNode(fresh));
        }
      } catch (error) { /* the server is restarting: ask again */ }
      poll();
    }, 1000);
  };
  poll();

  // A ladder whose numbers are moved: tried at once, the answer put in place; the button does the same.
  const live = document.querySelector("form[data-live]");
  if (live) {
    let asked = 0, timer = 0;
    live.addEventListener("input", (event) => {
      if (event.target.type !== "number" || !live.checkValidity()) return;
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const turn = ++asked;
        const form = new FormData(live);
        form.set("do", "move");
        try {
          const answer = await fetch(live.action, { method: "POST", body: new URLSearchParams(form), headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page.querySelector("[data-live-result]"), text = page.getElementById("policy");
          if (turn !== asked || !answer.ok || !fresh) return;
          document.querySelector("[data-live-result]").replaceWith(document.adoptNode(fresh));
          if (text) live.elements.policy.value = text.value;
        } catch (error) { /* the server is restarting: the button still works */ }
      }, 60);
    });
  }
})();
