/*
 * The first-party browser tag: page views, events and consent, sent to the container that served this file.
 * `scripts/build-tag` makes tagport.js of it. Options, in attributes of the script element: docs/clients/browser_tag.md.
 */
((w, d, n) => {
  "use strict";
  const script = d.currentScript, early = w.tagport;
  if (!script || (early && early.loaded)) return;

  const options = script.dataset;
  const endpoint = script.src.replace(/\.js([?#].*)?$/, "");
  const STORED = "tagport", MOST = 50, DAY = 864e5;
  const COOKIE = /^(_fb[pc]|_ttp|ttclid|_ga(_\w+)?|_gcl_(aw|gb|ag|dc)|_uetmsclkid)$/;
  const CLICK = /^(gclid|gbraid|wbraid|dclid|fbclid|ttclid|msclkid)$/;

  // --- event ids: the nth event of a name in this page view has one id, whoever asks for it first ---
  const load = Date.now().toString(36) + Math.random().toString(36).slice(2, 10);
  const ids = {}, counted = {};
  const idOf = (who, name, given) => {
    const count = counted[who + name] = (counted[who + name] || 0) + 1;
    const key = name + "." + load + "." + count;
    return given ? (ids[key] = String(given)) : (ids[key] = ids[key] || key);
  };

  // --- storage may be forbidden; then nothing is tried again on the next page ---
  const read = (key) => { try { return JSON.parse(localStorage[key]) || []; } catch (e) { return []; } };
  const write = (key, value) => { try { localStorage[key] = JSON.stringify(value); } catch (e) {} };

  // --- consent ---
  let consent = {}, tcf = {}, updated = {}, asked = 0, busy = 0;
  if (n.globalPrivacyControl) consent.sale_or_sharing = false;

  const granted = (value) => value === true || value === "granted";
  // A default denies until an update: defaults may be meant for other regions than that of a later, freer one.
  const say = (said, isUpdate) => {
    let more = 0;
    for (const type in said) {
      const value = said[type];
      if (value !== true && value !== false && value !== "granted" && value !== "denied") continue;
      const before = consent[type];
      if (!isUpdate && updated[type]) continue;
      if (isUpdate) updated[type] = 1;
      consent[type] = granted(value) && (!!isUpdate || before !== false);
      if (isUpdate && consent[type] !== before) more = 1;
    }
    if (more) again();
  };

  // --- sending: what is not known to have arrived is kept and sent again on the next page; its id makes it count once ---
  const held = [], sent = [];
  const keep = (events) => write(STORED, read(STORED).concat(events).slice(-MOST));
  const forget = (events) => {
    const done = events.map((one) => one.event_id);
    write(STORED, read(STORED).filter((one) => done.indexOf(one.event_id) < 0));
  };
  const post = (events) => {
    if (!events.length) return;
    const body = JSON.stringify(events);
    busy++;
    fetch(endpoint, {method: "POST", body, credentials: "include", keepalive: body.length < 6e4})
      .then((answer) => { if (answer.status < 500 && answer.status != 429) forget(events); }, () => {})
      .then(() => { busy--; flush(); });
  };
  const stamp = (event) => Object.assign(event, tcf, {
    consent_state: Object.assign({}, consent),
    common_cookie: consent.ad_storage === false ? undefined : cookies()
  });
  // One request at a time: the cookies of its answer go with the next.
  const flush = (last) => {
    if ((asked > Date.now() || busy) && !last) return;
    const events = held.splice(0).map(stamp);
    if (!events.length) return;
    sent.push(...events);
    keep(events);
    if (last && n.sendBeacon(endpoint, JSON.stringify(events))) forget(events);
    else post(events);
    cart();
  };
  // What was sent before the visitor answered is told again with the answer; its id is the same.
  const again = () => {
    post(sent.map(stamp));
    cart();
  };
  const wait = (ms) => {
    asked = Math.max(asked, Date.now() + ms);
    setTimeout(flush, ms + 1);
  };
  const answered = () => { asked = 0; flush(); };

  const cookies = () => {
    const found = {};
    d.cookie.split("; ").forEach((pair) => {
      const at = pair.indexOf("="), name = pair.slice(0, at);
      if (COOKIE.test(name)) found[name] = pair.slice(at + 1);
    });
    return found;
  };

  // --- events ---
  let shared = {}, page = location.href, referrer = d.referrer;
  const tell = (name, params, id) => {
    const event = Object.assign({}, shared, params, {
      event_name: name,
      event_id: id,
      timestamp: Date.now() / 1e3,
      page_location: (params && params.page_location) || location.href,
      page_referrer: referrer,
      page_title: d.title,
      language: n.language,
      screen_resolution: screen.width + "x" + screen.height,
      viewport_size: w.innerWidth + "x" + w.innerHeight
    });
    held.push(event);
    setTimeout(flush);
    return id;
  };
  const event = (name, params) => tell(name, params, idOf("", name, params && params.event_id));

  const api = (verb, first, second) => {
    if (verb == "event") return event(first, second);
    if (verb == "set") shared = Object.assign({}, shared, first);
    if (verb == "consent") { say(first, 1); answered(); }
  };
  w.tagport = Object.assign(function () { return api.apply(null, arguments); }, {loaded: 1});

  // --- dataLayer: {event: "purchase", ecommerce: {…}}, gtag("event", …), gtag("consent", …) ---
  const take = (pushed) => {
    if (!pushed) return;
    const verb = pushed[0], name = pushed.event;
    if (verb == "consent") {
      if (pushed[1] == "default" && pushed[2] && pushed[2].wait_for_update) wait(+pushed[2].wait_for_update || 0);
      say(pushed[2] || {}, pushed[1] == "update");
      if (pushed[1] == "update") answered();
    } else if (verb == "event") {
      const params = pushed[2] = pushed[2] || {};
      params.event_id = event(pushed[1], params);
    } else if (typeof name == "string" && !/^gtm\./.test(name)) {
      const params = Object.assign({}, pushed, pushed.ecommerce);
      delete params.event; delete params.ecommerce;
      pushed.event_id = event(name, params);
    }
  };
  if (options.dataLayer != "off") {
    const layer = w[options.dataLayer || "dataLayer"] = w[options.dataLayer || "dataLayer"] || [];
    const push = layer.push;
    [].slice.call(layer).forEach(take);
    layer.push = function () {
      try { [].forEach.call(arguments, take); } catch (e) {}
      return push.apply(layer, arguments);
    };
  }

  // --- pixels still in the page: a call without an id gets that of the same event here ---
  const PIXEL = {
    PageView: "page_view", Pageview: "page_view", ViewContent: "view_item", Search: "search", AddToCart: "add_to_cart",
    AddToWishlist: "add_to_wishlist", InitiateCheckout: "begin_checkout", AddPaymentInfo: "add_payment_info",
    Purchase: "purchase", CompletePayment: "purchase", Lead: "generate_lead", SubmitForm: "generate_lead",
    CompleteRegistration: "sign_up", Contact: "contact", Subscribe: "subscribe"
  };
  const wrapped = (global, around) => {
    let value = w[global] && around(w[global]);
    Object.defineProperty(w, global, {
      configurable: true, enumerable: true,
      get: () => value,
      set: (given) => { value = given && around(given); }
    });
  };
  const identified = (args, at, key) => {
    const list = [].slice.call(args), name = list[at];
    if (PIXEL[name]) {
      list[at + 1] = list[at + 1] || {};
      const last = list[at + 2] = Object.assign({}, list[at + 2]);
      last[key] = idOf(key, PIXEL[name], last[key]);
    }
    return list;
  };
  if (options.pixels != null) {
    wrapped("fbq", (fbq) => new Proxy(fbq, {
      apply: (to, self, args) => to.apply(self, args[0] == "track" ? identified(args, 1, "eventID") : args)
    }));
    wrapped("ttq", (ttq) => new Proxy(ttq, {
      get: (to, name) => {
        return name == "track" && to.track
          ? function () { return to.track.apply(to, identified(arguments, 0, "event_id")); }
          : to[name];
      }
    }));
  }

  // --- Shopify: the browser's ids go into the cart's attributes, and with them to the shop's webhooks ---
  const cart = () => {
    if (options.shopify == null || consent.ad_storage !== true) return;
    const attributes = cookies();
    new URLSearchParams(location.search).forEach((value, name) => { if (CLICK.test(name)) attributes[name] = value; });
    const body = JSON.stringify({attributes});
    try { if (sessionStorage[STORED] == body) return; sessionStorage[STORED] = body; } catch (e) {}
    fetch("/cart/update.js", {method: "POST", headers: {"content-type": "application/json"}, body}).catch(() => {});
  };

  // --- the page ---
  const view = () => {
    if (options.pageView != "off") event("page_view");
    page = location.href;
  };
  const moved = () => setTimeout(() => {
    if (location.href.split("#")[0] == page.split("#")[0]) return;
    referrer = page;
    view();
  });
  const pushState = history.pushState;
  history.pushState = function () { pushState.apply(history, arguments); moved(); };
  w.addEventListener("popstate", moved);
  w.addEventListener("pagehide", () => flush(1));
  d.addEventListener("visibilitychange", () => { if (d.visibilityState == "hidden") flush(1); });

  if (typeof w.__tcfapi == "function") {
    wait(500);
    w.__tcfapi("addEventListener", 2, (data, ok) => {
      if (!ok || !data || !/^(tcloaded|useractioncomplete)$/.test(data.eventStatus)) return;
      const before = tcf.gdpr_consent;
      tcf = {gdpr: data.gdprApplies === false ? "0" : "1", gdpr_consent: data.tcString, addtl_consent: data.addtlConsent};
      if (data.purpose) say({ad_storage: !!data.purpose.consents[1]}, 1);
      if (before && before != data.tcString) again();
      answered();
    });
  }
  post(read(STORED).filter((one) => one.timestamp * 1e3 > Date.now() - DAY));
  view();
  ((early && early.q) || []).forEach((args) => api.apply(null, args));
})(window, document, navigator);
