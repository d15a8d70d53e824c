"use strict";
(() => {
  const root = document.documentElement, hours8 = 8 * 3600 * 1000;
  const kept = (() => { try { localStorage.getItem("x"); return localStorage; } catch { return null; } })();
  const get = (key) => { try { return JSON.parse(kept.getItem(key)); } catch { return null; } };
  const put = (key, value) => { try { kept.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } };
  root.classList.add("js");

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.getElementById("theme");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const named = () => { theme.textContent = isDark() ? "浅色" : "深色"; };
  const chosen = kept && get("theme");
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  theme.hidden = false;
  named();
  dark.addEventListener("change", named);
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; put("theme", root.dataset.theme); named(); });

  const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

  function drafts(form) {
    const key = `draft:${form.dataset.draft}`, old = get(key);
    const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "file");
    if (old && Date.now() - old.at < hours8) {
      for (const field of fields) if (!field.value.trim() && typeof old.values[field.name] === "string") field.value = old.values[field.name];
    }
    form.addEventListener("input", () => put(key, { at: Date.now(), values: Object.fromEntries(fields.map((field) => [field.name, field.value])) }));
  }

  function uploads(form) {
    const list = document.getElementById("files"), error = document.getElementById("file-error");
    const most = +form.dataset.mostFiles, bytes = +form.dataset.mostBytes;
    const button = form.querySelector("button.primary"), progress = document.getElementById("progress");
    let files = [];
    const show = () => {
      list.replaceChildren(...files.map((file, n) => {
        const row = document.createElement("li"), words = document.createElement("span"), drop = document.createElement("button");
        words.textContent = `${file.name} · ${size(file.size)}`;
        drop.type = "button";
        drop.textContent = "去掉";
        drop.setAttribute("aria-label", `去掉 ${file.name}`);
        drop.addEventListener("click", () => { files.splice(n, 1); show(); });
        row.append(words, drop);
        return row;
      }));
    };
    for (const input of form.querySelectorAll("input[type=file]")) {
      input.addEventListener("change", () => {
        const said = [];
        for (const file of input.files) {
          if (!file.size) said.push(`${file.name}：0 字节，请重新选。`);
          else if (file.size > bytes) said.push(`${file.name}：${size(file.size)}，最多 20 MB，压一下再传。`);
          else if (files.length >= most) said.push(`${file.name}：一次最多 ${most} 个，下次传。`);
          else files.push(file);
        }
        input.value = "";
        error.textContent = said.join(" ");
        show();
      });
    }
    const stop = (words) => { button.disabled = false; progress.hidden = true; error.textContent = words; };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!files.length) { error.textContent = "先拍一张，或选个文件。"; document.getElementById("pick").focus(); return; }
      const body = new FormData(), request = new XMLHttpRequest();
      for (const name of ["csrf", "nonce", "text"]) body.append(name, form.elements[name].value);
      for (const file of files) body.append("file", file, file.name);
      error.textContent = "";
      button.disabled = true;
      progress.hidden = false;
      request.upload.addEventListener("progress", (now) => {
        const percent = now.total ? Math.floor(100 * now.loaded / now.total) : 0;
        progress.firstElementChild.value = percent;
        progress.lastElementChild.textContent = percent < 100 ? `已传 ${percent}%` : "传完了，正在存";
      });
      request.addEventListener("load", () => {
        const answer = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("main");
        if (!answer) { stop("没传上去，文件都在，再点一次。"); return; }
        if (answer.querySelector("#upload")) { stop(answer.querySelector("#file-error").textContent); return; }
        if (request.status === 503) { stop("没传上去，文件都在，再点一次。"); return; }
        document.getElementById("main").replaceWith(answer);
        begin();
        const head = answer.querySelector("h1");
        if (head) { head.tabIndex = -1; head.focus(); }
      });
      request.addEventListener("error", () => stop("网络断了，文件都在，再点一次。"));
      request.open("POST", location.href);
      request.send(body);
    });
  }

  function begin() {
    const main = document.getElementById("main");
    if (main.dataset.sent && kept) { try { kept.removeItem(`draft:${main.dataset.sent}`); } catch { /* forbidden */ } }
    for (const form of main.querySelectorAll("form")) {
      if (form.dataset.draft && kept) drafts(form);
      if (form.id === "upload") uploads(form);
      else form.addEventListener("submit", () => { setTimeout(() => { for (const each of form.querySelectorAll("button")) each.disabled = true; }, 0); });
    }
    addEventListener("pageshow", () => { for (const each of main.querySelectorAll(".bar button")) each.disabled = false; });
    const wrong = main.querySelector("[aria-invalid]");
    if (wrong) wrong.focus();
  }
  begin();
})();
