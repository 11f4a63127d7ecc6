'use strict';
(() => {
  const plan = JSON.parse(document.getElementById('upload').textContent);
  const at = (id) => document.getElementById(id);
  const input = at('choose'), list = at('files'), status = at('status'), sendButton = at('send');
  const PLACE = '${filename}';
  const several = plan.kind === 'form' && plan.severalFiles;
  const items = [];
  // What was chosen and not taken, by name: it is reported until it is replaced.
  const refused = new Map();
  const texts = plan.texts;
  const t = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  let ended = false, finished = false;

  const say = (text, kind) => { status.textContent = text; status.className = kind || ''; };

  const size = (bytes) => {
    const units = [texts.bytes, 'kB', 'MB', 'GB', 'TB'];
    let value = bytes, unit = 0;
    while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
    if (bytes === 1) return texts.byte;
    return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
  };

  const span = (seconds) => {
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
    if (days > 0) return `${days} d ${hours} h`;
    if (hours > 0) return `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
  };

  // What may be sent

  const types = plan.contentTypes;
  const kindOf = (type) => type.split(';')[0].trim().toLowerCase();
  const fits = (type) => types.some((wanted) => (plan.typeIsChosen ? type.startsWith(wanted) : kindOf(type) === kindOf(wanted)));
  const acceptType = (type) => (type.endsWith('/') ? `${type}*` : type);
  const shownType = (type) => {
    const [main, sub] = kindOf(type).split('/');
    if (!sub) return texts[main] || main;
    const known = { plain: 'TXT', 'x-zip-compressed': 'ZIP', msword: 'DOC', 'svg+xml': 'SVG' };
    return t('files_of', { kind: known[sub] || sub.split('.').pop().replace(/^x-/, '').toUpperCase() });
  };
  const kinds = () => types.map(shownType).join(', ');

  // Of many senders two can have a file of one name: each is stored under a name of its own.
  const ownName = (name) => {
    const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const random = [...crypto.getRandomValues(new Uint8Array(5))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const clean = name.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '_');
    return `${time}-${random}-${[...clean].slice(-100).join('')}`;
  };
  const keyOf = (file) => {
    if (!several) return plan.key;
    return plan.key.split(PLACE).join(plan.keepNames ? file.name : ownName(file.name));
  };

  const objection = (file) => {
    const { name } = file;
    const have = size(file.size), limit = (bytes) => ({ name, size: have, wanted: size(bytes) });
    if (plan.minSize !== null && plan.minSize === plan.maxSize && file.size !== plan.minSize) {
      return t(have === size(plan.minSize) ? 'other_size' : 'not_size', limit(plan.minSize));
    }
    if (plan.maxSize !== null && file.size > plan.maxSize) {
      return t(have === size(plan.maxSize) ? 'just_too_large' : 'too_large', limit(plan.maxSize));
    }
    if (plan.minSize !== null && file.size < plan.minSize) return t('too_small', limit(plan.minSize));
    if (types.length > 0 && file.type === '' && plan.typeIsChosen) return t('unknown_type', { name, kinds: kinds() });
    if (types.length > 0 && file.type !== '' && !fits(file.type)) return t('wrong_type', { name, kinds: kinds() });
    if (several && plan.keepNames && /[\u0000-\u001f\u007f]/.test(name)) return t('control_name');
    if (several && new TextEncoder().encode(keyOf(file)).length > 1024) return t('long_name', { name });
    const isSame = (other) => other.name === name
      && (plan.keepNames || (other.size === file.size && other.lastModified === file.lastModified));
    if (several && items.some((item) => isSame(item.file) && item.state !== 'failed')) return t('twice', { name });
    return null;
  };

  // What goes wrong

  const refusal = (code, xml) => {
    const error = new DOMParser().parseFromString(xml || '', 'application/xml');
    const name = error.getElementsByTagName('Code')[0];
    const text = name ? name.textContent.trim() : '';
    const over = Date.now() / 1000 >= plan.expiresAt;
    const words = over && code === 403 ? texts.over : texts[`error.${text}`];
    return `${words || texts.refused} (${[code, text].filter(Boolean).join(', ')})`;
  };

  // A file of which the browser keeps its origin to itself has the origin "null".
  const unreachable = () => t('cors', {
    origin: window.origin,
    command: `cos-presign cors ${plan.bucket} --origin ${window.origin}`,
  });

  const failure = (text) => Object.assign(new Error(text), { isTold: true });

  // How it is sent

  const request = (item, method, url, headers, body, onProgress) => new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    item.running.add(xhr);
    xhr.open(method, url);
    // Browsers send these by themselves and let no page set them.
    const own = ['content-length', 'host', 'connection'];
    for (const [name, value] of headers) if (!own.includes(name.toLowerCase())) xhr.setRequestHeader(name, value);
    if (onProgress) xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onload = () => {
      const good = xhr.status >= 200 && xhr.status < 300 && !/<Error[ >]/.test(xhr.responseText);
      if (good) resolve(xhr);
      else reject(Object.assign(failure(refusal(xhr.status, xhr.responseText)), { again: xhr.status >= 500 || xhr.status === 429 }));
    };
    xhr.onerror = () => reject(Object.assign(failure(unreachable()), { again: true }));
    xhr.onabort = () => reject(failure(texts.cancelled));
    xhr.onloadend = () => item.running.delete(xhr);
    xhr.send(body);
  });

  const sendForm = async (item, onProgress) => {
    const form = new FormData();
    if (plan.typeIsChosen) form.append('Content-Type', item.file.type);
    for (const [name, value] of plan.fields) form.append(name, name.toLowerCase() === 'key' ? item.key : value);
    form.append('file', item.file);
    if (plan.redirect === null) return request(item, 'POST', plan.url, [], form, onProgress);
    // The store answers with a redirect, which a page can notice but not follow to another host.
    const stop = new AbortController();
    const handle = { abort: () => stop.abort() };
    item.running.add(handle);
    item.bar.removeAttribute('value');
    try {
      const answer = await fetch(plan.url, { method: 'POST', body: form, redirect: 'manual', signal: stop.signal });
      if (answer.type !== 'opaqueredirect' && !answer.ok) throw failure(refusal(answer.status, await answer.text()));
    } catch (error) {
      throw error.isTold ? error : failure(stop.signal.aborted ? texts.cancelled : unreachable());
    } finally {
      item.running.delete(handle);
    }
    return null;
  };

  const sendPut = (item, onProgress) => request(item, 'PUT', plan.url, plan.headers, item.file, onProgress);

  const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

  const patiently = async (item, send) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        if (!error.again || attempt === 4 || item.state !== 'sending') throw error;
        await pause(2 ** attempt);
      }
    }
  };

  const sendParts = async (item, onProgress) => {
    const etags = (item.etags ||= new Map()), moving = new Map();
    const report = () => onProgress(
      plan.parts.reduce((sum, part) => sum + (etags.has(part.part_number) ? part.size : moving.get(part.part_number) || 0), 0),
    );
    const waiting = plan.parts.filter((part) => !etags.has(part.part_number));
    const worker = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift()) {
        const number = part.part_number;
        const bytes = item.file.slice(part.offset, part.offset + part.size);
        const sent = await patiently(item, () =>
          request(item, 'PUT', part.url, plan.headers, bytes, (loaded) => { moving.set(number, loaded); report(); }));
        const etag = sent.getResponseHeader('ETag');
        // The bucket hides the header from pages.
        if (!etag) throw failure(unreachable());
        etags.set(number, etag);
        report();
      }
    };
    const workers = [worker(), worker(), worker()];
    try {
      await Promise.all(workers);
    } catch (error) {
      waiting.length = 0;
      for (const running of item.running) running.abort();
      await Promise.allSettled(workers);
      throw error;
    }
    const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
    const parts = plan.parts.map(({ part_number: number }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escape(etags.get(number))}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    return patiently(item, () => request(item, 'POST', plan.complete.url, plan.complete.headers, body));
  };

  const SENDERS = { form: sendForm, put: sendPut, parts: sendParts };

  // The list

  const show = (item, state, text, kind) => {
    item.state = state;
    item.detail.textContent = text;
    item.detail.className = `detail ${kind || ''}`;
    item.bar.hidden = state !== 'sending';
    item.button.hidden = state === 'done';
    item.button.textContent = { waiting: texts.remove, sending: texts.cancel, failed: texts.again, done: '' }[state];
    item.button.setAttribute('aria-label', `${item.button.textContent} ${item.file.name}`);
    refresh();
  };

  const refresh = () => {
    const waiting = items.filter((item) => item.state === 'waiting').length;
    sendButton.disabled = ended || waiting === 0;
    sendButton.textContent = waiting > 1 ? t('upload_many', { count: waiting }) : texts.upload;
    input.disabled = ended || finished || (!several && items.some((item) => item.state === 'sending'));
  };

  const remove = (item) => {
    items.splice(items.indexOf(item), 1);
    item.row.remove();
    refresh();
  };

  const add = (file) => {
    const problem = objection(file);
    if (problem) {
      // A second choice of a file that is in the list is no file that is missing.
      if (problem !== t('twice', { name: file.name })) refused.set(file.name, problem);
      return problem;
    }
    refused.delete(file.name);
    // One that failed makes room for the one that is chosen in its place.
    for (const old of items.filter((item) => !several || (item.state === 'failed' && item.file.name === file.name))) remove(old);
    const row = document.createElement('li'), name = document.createElement('span'), button = document.createElement('button');
    const bar = document.createElement('progress'), detail = document.createElement('p');
    name.textContent = file.name;
    button.type = 'button';
    bar.max = Math.max(file.size, 1);
    bar.value = 0;
    bar.setAttribute('aria-label', t('progress', { name: file.name }));
    row.append(name, button, bar, detail);
    list.append(row);
    const item = { file, key: keyOf(file), row, button, bar, detail, state: 'waiting', running: new Set() };
    items.push(item);
    button.onclick = () => {
      if (item.state === 'waiting') { remove(item); input.focus(); }
      else if (item.state === 'sending') for (const running of item.running) running.abort();
      else if (item.state === 'failed') { show(item, 'waiting', size(file.size)); start(); }
    };
    show(item, 'waiting', size(file.size));
    return null;
  };

  const choose = (files) => {
    if (ended || finished) return;
    const problems = (several ? files : files.slice(0, 1)).map(add).filter(Boolean);
    const parts = [];
    const count = items.filter((item) => item.state === 'waiting').length;
    if (problems.length === 0 || count > 0) parts.push(count === 1 ? texts.ready_one : t('ready_many', { count }));
    if (problems.length > 0) parts.push(t('not_taken', { why: problems.join(' ') }));
    if (!several && files.length > 1) parts.push(texts.only_one);
    say(parts.join(' '), problems.length > 0 ? 'bad' : '');
  };

  const transfer = async (item) => {
    const moving = (done) => t('item_moving', { done: size(done), size: size(item.file.size) });
    const percent = (loaded) => {
      item.bar.value = Math.min(loaded, item.bar.max);
      item.detail.textContent = moving(Math.min(loaded, item.file.size));
    };
    show(item, 'sending', moving(0));
    try {
      await SENDERS[plan.kind](item, percent);
      show(item, 'done', t('item_done', { size: size(item.file.size) }), 'good');
      if (!several) finished = true;
    } catch (error) {
      show(item, 'failed', error.isTold ? error.message : t('unreadable', { why: error.message }), 'bad');
    }
    refresh();
  };

  let working = 0;
  const start = async () => {
    if (working > 0) return;
    say(texts.uploading);
    const next = () => items.find((item) => item.state === 'waiting' && !ended);
    const worker = async () => {
      working += 1;
      for (let item = next(); item; item = next()) await transfer(item);
      working -= 1;
    };
    await Promise.all([worker(), worker()]);
    const done = items.filter((item) => item.state === 'done').length, failed = items.filter((item) => item.state === 'failed');
    // One reason is given once, with the names of all its files.
    const reasons = new Map();
    for (const item of failed) {
      const why = item.detail.textContent;
      reasons.set(why, [...(reasons.get(why) || []), item.file.name]);
    }
    const whys = [...[...reasons].map(([why, names]) => `${names.join(', ')}. ${why}`), ...(several ? refused.values() : [])];
    const all = done + failed.length + (several ? refused.size : 0);
    if (whys.length > 0) say(`${all > 1 ? `${t('done_some', { count: done, all })} ` : ''}${t('not_uploaded', { why: whys.join(' ') })}`, 'bad');
    else if (done > 0) say(`${done === 1 ? texts.done_one : t('done_many', { count: done })} ${texts.thanks}`, 'good');
    if (whys.length === 0 && done > 0 && plan.redirect) window.location.assign(plan.redirect);
  };

  at('page').onsubmit = (event) => { event.preventDefault(); start(); };
  input.onchange = () => { choose([...input.files]); input.value = ''; };

  const zone = at('zone');
  for (const target of [window, zone]) {
    // A file that misses the zone would be opened in place of the page.
    target.addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('over'); });
    target.addEventListener('dragleave', () => zone.classList.remove('over'));
  }
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    const entries = [...(event.dataTransfer.items || [])].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    if (entries.some((entry) => entry && entry.isDirectory)) return say(texts.folder, 'bad');
    return choose([...event.dataTransfer.files]);
  });
  window.addEventListener('beforeunload', (event) => { if (working > 0) event.preventDefault(); });

  const tick = () => {
    const left = plan.expiresAt - Date.now() / 1000;
    const end = new Date(plan.expiresAt * 1000);
    const endsNow = left <= 0 && !ended;
    ended = left <= 0;
    // What is under way goes on: the store looks at the time when an upload begins.
    if (endsNow && working === 0 && !finished) say(texts.over, 'bad');
    at('clock').textContent = ended
      ? t('closed', { when: end.toLocaleString(document.documentElement.lang) })
      : t('closes', { left: span(left), when: end.toLocaleString(document.documentElement.lang) });
    at('clock').className = ended ? 'bad' : '';
    refresh();
    if (!ended) setTimeout(tick, left < 120 || left % 60 < 1 ? 1000 : Math.min(left % 60, 30) * 1000);
  };

  const sizes = [];
  if (plan.minSize !== null && plan.minSize === plan.maxSize) sizes.push(t('exactly', { size: size(plan.minSize) }));
  else {
    if (plan.maxSize !== null) sizes.push(t('at_most', { size: size(plan.maxSize) }));
    if (plan.minSize !== null) sizes.push(t('at_least', { size: size(plan.minSize) }));
  }
  const limits = types.length > 0 ? [kinds()] : [];
  if (sizes.length > 0) limits.push(sizes.join(', ') + (several ? ` ${texts.each_file}` : ''));
  at('limits').textContent = limits.length > 0 ? t('accepted', { limits: limits.join('; ') }) : '';
  at('limits').hidden = limits.length === 0;
  at('hint').textContent = several ? texts.drop_many : texts.drop_one;
  // Where a finger is all there is, nothing can be dropped.
  at('hint').hidden = window.matchMedia('(hover: none) and (pointer: coarse)').matches;
  at('button').textContent = several ? texts.choose_many : texts.choose_one;
  list.setAttribute('aria-label', texts.files);
  input.multiple = several;
  if (types.length > 0) input.accept = types.map(acceptType).join(',');
  at('page').hidden = false;
  tick();
})();
